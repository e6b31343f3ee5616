#![no_main]
//! See `ff_tests::fuzz::store`.

ff_fuzz::program!(store);
