//! Forward-Forward learning.
#![no_std]
#![forbid(unsafe_code)]
