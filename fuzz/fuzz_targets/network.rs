#![no_main]
//! See `ff_tests::fuzz::network`.

ff_fuzz::program!(network);
