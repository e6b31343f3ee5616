//! A readout of 9 classes does not fit a network of 10.
use ff_core::layer::Layer;
use ff_core::network::{Network, Readout};

static NET: Network<(Layer<74, 32>,), 10, Readout<32, 9>> = Network::ZEROED;

fn main() {
    let _ = &NET;
}
