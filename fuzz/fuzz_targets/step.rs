#![no_main]
//! See `ff_tests::fuzz::step`.

ff_fuzz::program!(step);
