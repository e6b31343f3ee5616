//! Parameters whose widths are known when a model is loaded, in memory of a fixed size.

use ff_core::error::Error;
use ff_core::laid::Laid;
use ff_core::layer::Shape;
use ff_core::network::MAX_LAYERS;
use heapless::Vec;

/// Weights, biases and readout at most: 16 MiB, enough for three layers of 1,000 units behind pictures of 28 x 28.
pub const MOST: usize = 4 << 20;

const TOO_LARGE: Error = Error::Shape { what: "the page has memory for 4,194,304 weights, and the model has more" };
const TOO_DEEP: Error = Error::Shape { what: "a network has 1 to 8 layers" };
const NO_NEW_CLASS: Error = Error::Shape { what: "a new class needs a network whose label is an input" };

/// The memory that a network is [laid](Laid) over, and its shape. As zeros it has no layer, which is refused.
pub struct Network {
    classes: usize,
    slots: usize,
    readout: usize,
    shapes: Vec<Shape, MAX_LAYERS>,
    values: [f32; MOST],
}

impl Network {
    /// Without a layer.
    #[expect(clippy::large_stack_arrays, reason = "a static is made of it, and nothing else")]
    pub const EMPTY: Self = Self { classes: 0, slots: 0, readout: 0, shapes: Vec::new(), values: [0.0; MOST] };

    /// Takes the shape of `classes`, label `slots`, `widths` (features, then the units of each layer) and
    /// `readout` weights. What it held is lost.
    ///
    /// # Errors
    /// [`Error::Shape`] for a network that the core refuses, and for more layers or values than there is memory for;
    /// it then has no layer.
    pub fn reshape(&mut self, classes: usize, slots: usize, widths: &[usize], readout: usize) -> Result<(), Error> {
        self.shapes.clear();
        self.readout = 0;
        let (shapes, layers) = chain(slots, widths)?;
        let values = layers.checked_add(readout).filter(|&values| values <= MOST).ok_or(TOO_LARGE)?;
        self.values[..values].fill(0.0);
        (self.classes, self.slots, self.readout, self.shapes) = (classes, slots, readout, shapes);
        let refused = self.laid().map(drop);
        if refused.is_err() {
            self.shapes.clear();
            self.readout = 0;
        }
        refused
    }

    /// The network itself.
    ///
    /// # Errors
    /// [`Error::Shape`] before it has a layer.
    pub fn laid(&mut self) -> Result<Laid<&mut [f32]>, Error> {
        let used = self.used();
        Laid::new(&self.shapes, [self.classes, self.slots], &mut self.values[..used])
    }

    /// How many classes it tells apart.
    #[must_use]
    pub const fn classes(&self) -> usize {
        self.classes
    }

    /// The layers' shapes.
    #[must_use]
    pub fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    /// Features of a sample.
    #[must_use]
    pub fn features(&self) -> usize {
        self.shapes.first().map_or(0, |first| first.inputs - self.slots)
    }

    /// All values, in the order of their checksum.
    pub fn values_mut(&mut self) -> &mut [f32] {
        let used = self.used();
        &mut self.values[..used]
    }

    /// Takes one class more, which begins as a copy of another: its label input is one more row of the first layer,
    /// behind those of the other labels, and a readout has one more column. The other weights keep their values.
    ///
    /// A row that is drawn anew may leave every unit silent, and silent units learn nothing.
    ///
    /// # Errors
    /// [`Error::Shape`] for a network without label inputs, and where memory ends; [`Error::Label`] for a class that
    /// there is not.
    pub fn add_class(&mut self, like: u8) -> Result<(), Error> {
        let (used, classes, column) = (self.used(), self.classes, usize::from(like));
        let first = self.shapes.first_mut().filter(|_| self.slots == classes);
        let Some(Shape { inputs, outputs }) = first else { return Err(NO_NEW_CLASS) };
        let (units, read) = (*outputs, self.readout / classes);
        if used + units + read > MOST || classes == usize::from(u8::MAX) {
            return Err(TOO_LARGE);
        }
        if column >= classes {
            return Err(Error::Label { index: 0, label: like, classes });
        }
        *inputs += 1;
        widen(&mut self.values[used - self.readout..], read, classes, column);
        let row = classes * units;
        self.values.copy_within(row..used + read, row + units);
        self.values.copy_within(column * units..(column + 1) * units, row);
        (self.classes, self.slots, self.readout) = (classes + 1, classes + 1, self.readout + read);
        Ok(())
    }

    fn used(&self) -> usize {
        Laid::<&mut [f32]>::floats(&self.shapes) + self.readout
    }
}

/// Gives each of `rows` one value more, a copy of its own in `column`; from the last row on, since they move apart.
fn widen(values: &mut [f32], rows: usize, width: usize, column: usize) {
    for row in (0..rows).rev() {
        let (from, to) = (row * width, row * (width + 1));
        values.copy_within(from..from + width, to);
        values[to + width] = values[to + column];
    }
}

/// The shapes of a chain, and how many weights and biases they have.
fn chain(slots: usize, widths: &[usize]) -> Result<(Vec<Shape, MAX_LAYERS>, usize), Error> {
    let (&features, layers) = widths.split_first().ok_or(TOO_DEEP)?;
    let mut inputs = slots.checked_add(features).ok_or(TOO_LARGE)?;
    let (mut shapes, mut values) = (Vec::new(), 0_usize);
    for &outputs in layers {
        let own = inputs.checked_mul(outputs).and_then(|weights| weights.checked_add(outputs));
        values = own.and_then(|own| values.checked_add(own)).ok_or(TOO_LARGE)?;
        shapes.push(Shape { inputs, outputs }).map_err(|_| TOO_DEEP)?;
        inputs = outputs;
    }
    Ok((shapes, values))
}
