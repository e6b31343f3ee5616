//! 1,797 handwritten digits of 8 x 8 pixels (UCI, Alpaydin and Kaynak 1998), as firmware has them in flash.

static RECORDS: &[u8] = include_bytes!("../../tests/data/digits8x8.bin");

/// The digits to learn from; the others, every fifth, are held out.
pub fn learned() -> impl Iterator<Item = ([f32; 64], u8)> {
    all().enumerate().filter(|(index, _)| index % 5 != 4).map(|(_, digit)| digit)
}

/// The digits that are held out.
pub fn held_out() -> impl Iterator<Item = ([f32; 64], u8)> {
    all().skip(4).step_by(5)
}

fn all() -> impl Iterator<Item = ([f32; 64], u8)> {
    let (records, _) = RECORDS.as_chunks::<65>();
    records.iter().map(|record| (std::array::from_fn(|i| f32::from(record[i]) / 16.0), record[64]))
}
