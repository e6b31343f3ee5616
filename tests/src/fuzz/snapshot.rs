//! Snapshots of any bytes: refused without a change, or loaded so that they come out again as they were.

use ff_core::checksum::{self, Crc32};
use ff_core::network::{Dense2, Network};
use ff_core::random::Rng;
use ff_core::snapshot::{self, Export, Meta};

/// The network that is loaded.
pub type Net = Network<Dense2<4, 3, 2>, 2>;

/// A network that has learned nothing.
#[must_use]
pub fn random(seed: u64) -> Net {
    let mut net = Net::ZEROED;
    net.randomise(&mut Rng::new(seed));
    net
}

/// Loads them as they are, and once more with a checksum that is right, so that what else is wrong shows.
pub fn run(bytes: &[u8]) {
    load(bytes);
    if let Some(end) = bytes.len().checked_sub(4) {
        load(&signed(&bytes[..end]));
    }
}

/// A snapshot, and its beginning.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let whole = exported(Meta::START, &random(2));
    vec![whole[..snapshot::HEADER_BYTES].to_vec(), whole]
}

fn load(bytes: &[u8]) {
    let mut net = random(1);
    let before = checksum::parameters(&net);
    let loaded = snapshot::import_bytes(bytes, &mut [&mut net]);
    match loaded {
        Ok(meta) => assert_eq!(exported(meta, &net), bytes, "a snapshot came out otherwise than it went in"),
        Err(_) => assert_eq!(checksum::parameters(&net), before, "a refused snapshot changed the network"),
    }
    // The length of the pieces makes no difference.
    let mut buffer = vec![0; 1 + bytes.len() % 13];
    let in_pieces = snapshot::import(&mut &*bytes, &mut [&mut random(1)], &mut buffer);
    assert_eq!(in_pieces.ok(), loaded.ok());
}

/// The snapshot of a network.
#[must_use]
pub fn exported(meta: Meta, net: &Net) -> Vec<u8> {
    let state: &[&dyn snapshot::Saved] = &[net];
    let mut export = Export::new(meta, state).expect("a network of finite weights");
    let mut bytes = vec![0; export.len()];
    export.read(&mut bytes);
    bytes
}

fn signed(body: &[u8]) -> Vec<u8> {
    let mut crc = Crc32::new();
    crc.bytes(body);
    [body, &crc.value().to_le_bytes()].concat()
}
