#![no_main]
//! See `ff_tests::fuzz::recipe`.

ff_fuzz::program!(recipe);
