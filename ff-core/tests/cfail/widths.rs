//! A layer of 32 units cannot feed a layer of 64 inputs.
use ff_core::layer::Layer;
use ff_core::network::{Network, NoReadout};

static NET: Network<(Layer<74, 32>, Layer<64, 32>), 10, NoReadout> = Network::ZEROED;

fn main() {
    let _ = &NET;
}
