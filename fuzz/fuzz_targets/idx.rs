#![no_main]
//! See `ff_tests::fuzz::idx`.

ff_fuzz::program!(idx);
