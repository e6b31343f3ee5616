//! A network's parameters as named arrays: what files keep of it.

use crate::features::Standard;
use crate::network::HostNetwork;
use crate::recipe::Recipe;

/// Values with the name and the shape that a file declares for them.
#[derive(Clone, Debug, PartialEq)]
pub struct Array<V> {
    /// Its name.
    pub name: String,
    /// Its shape: of the values as they lie, the last index running fastest.
    pub shape: Vec<usize>,
    /// The values.
    pub values: V,
}

impl<V> Array<V> {
    /// An array.
    #[must_use]
    pub fn new(name: impl Into<String>, shape: impl Into<Vec<usize>>, values: V) -> Self {
        Self { name: name.into(), shape: shape.into(), values }
    }

    /// The same array within something larger.
    #[must_use]
    pub(crate) fn within(self, whole: &str) -> Self {
        Self { name: format!("{whole}.{}", self.name), ..self }
    }
}

impl HostNetwork {
    /// Everything that it has learned: for layer `l` `layer<l>.weights` (inputs x outputs) and `layer<l>.biases`;
    /// where it is read, `layer<l>.readout`, which is outputs x classes for a softmax readout and classes x outputs
    /// for the label rows of one-pass rules; `input.mean` and `input.scale` where inputs are
    /// standardised, `input.fill` where values may be missing.
    #[must_use]
    pub fn arrays(&self, recipe: &Recipe) -> Vec<Array<&[f32]>> {
        let mut arrays = Vec::new();
        for (l, layer) in self.layers.iter().enumerate() {
            let shape = layer.shape;
            arrays.push(Array::new(format!("layer{l}.weights"), [shape.inputs, shape.outputs], &*layer.weights));
            arrays.push(Array::new(format!("layer{l}.biases"), [shape.outputs], &*layer.biases));
        }
        let mut rest = &*self.readout;
        for (name, shape) in self.readouts(recipe) {
            let (values, more) = rest.split_at(shape.iter().product());
            arrays.push(Array::new(name, shape, values));
            rest = more;
        }
        arrays.extend(standard_arrays(&self.standard));
        arrays
    }

    /// The same arrays, to be filled.
    #[must_use]
    pub fn arrays_mut(&mut self, recipe: &Recipe) -> Vec<Array<&mut [f32]>> {
        let readouts = self.readouts(recipe);
        let mut arrays = Vec::new();
        for (l, layer) in self.layers.iter_mut().enumerate() {
            let shape = layer.shape;
            arrays.push(Array::new(format!("layer{l}.weights"), [shape.inputs, shape.outputs], &mut *layer.weights));
            arrays.push(Array::new(format!("layer{l}.biases"), [shape.outputs], &mut *layer.biases));
        }
        let mut rest = &mut *self.readout;
        for (name, shape) in readouts {
            let (values, more) = rest.split_at_mut(shape.iter().product());
            arrays.push(Array::new(name, shape, values));
            rest = more;
        }
        let Standard { mean, scale, fill } = &mut self.standard;
        let standard = [("input.mean", mean), ("input.scale", scale), ("input.fill", fill)];
        let standard = standard.into_iter().filter(|(_, values)| !values.is_empty());
        arrays.extend(standard.map(|(name, values)| Array::new(name, [values.len()], &mut **values)));
        arrays
    }

    /// The readout's name and shape in each layer that is read, first to last: as its values lie.
    fn readouts(&self, recipe: &Recipe) -> Vec<(String, [usize; 2])> {
        if self.readout.is_empty() {
            return Vec::new();
        }
        let shape = |units| if recipe.rule.has_label_rows() { [self.classes, units] } else { [units, self.classes] };
        let read = self.layers.iter().enumerate().skip(recipe.read_from());
        read.map(|(l, layer)| (format!("layer{l}.readout"), shape(layer.shape.outputs))).collect()
    }
}

/// What is done to features, as arrays; none where they stay as they are.
#[must_use]
pub fn standard_arrays(Standard { mean, scale, fill }: &Standard) -> Vec<Array<&[f32]>> {
    let arrays = [("input.mean", mean), ("input.scale", scale), ("input.fill", fill)];
    let arrays = arrays.into_iter().filter(|(_, values)| !values.is_empty());
    arrays.map(|(name, values)| Array::new(name, [values.len()], &**values)).collect()
}
