#![no_main]
//! See `ff_tests::fuzz::picture`.

ff_fuzz::program!(picture);
