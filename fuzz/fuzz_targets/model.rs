#![no_main]
//! See `ff_tests::fuzz::model`.

ff_fuzz::program!(model);
