#![no_main]
//! See `ff_tests::fuzz::snapshot`.

ff_fuzz::program!(snapshot);
