//! The same through a name of one's own, as programs write it.
use ff_core::prelude::*;

type Net = Network<(Layer<74, 32>, Layer<64, 32>), 10>;

fn main() {
    let _ = Net::ZEROED;
}
