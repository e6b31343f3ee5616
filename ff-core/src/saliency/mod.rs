//! Which parts of the sample made the network see a label?
//!
//! A network that learns layer by layer has a score that says why by itself: the goodness of every
//! layer, a sum of squares. A *saliency map* shares a score out among the features. The family here
//! is made for such networks, in the spirit of the published claim that they explain themselves
//! ([arXiv 2409.15365](https://arxiv.org/abs/2409.15365)), whose own formula is not public.
//!
//! # The question
//!
//! A [`Question`] names a network, a sample, a baseline that stands for nothing seen (zeros, unless
//! another is given), a [`Score`] and a [`Target`]. The score S_y of a label y is the goodness summed
//! over the scored layers, the goodness of one layer, the readout's logit, or what a one-pass rule's
//! [`ClassHead`] gives the class. The target makes a *margin* of it, and the map explains the margin M:
//!
//! | [`Against`] | margin | answers |
//! |---|---|---|
//! | `Nothing` | `S_y` | why is this score high at all? |
//! | `Label(k)` | `S_y - S_k` | why y and not k? |
//! | `MeanOfOthers` | `S_y - mean of S_k over k other than y` | why y of all labels? |
//!
//! The label slots of the input are given, never perturbed and never on the map. With the features x
//! and F of them among C classes, the first layer sees
//!
//! `z_1 = (x W + SLOT A_y) / N(x) + b_1`, `N(x) = EPSILON + sqrt((|x|^2 + SLOT^2) / (F + C))`,
//!
//! `W` the feature rows and `A_y` the label row of its weights: the product `x W` is shared by all
//! labels, and the length N depends on the sample, so it differs between sample and baseline. No method
//! takes it for a constant that it is not.
//!
//! ```
//! use ff_core::classify::ScoredLayers;
//! use ff_core::kernel::Portable;
//! use ff_core::network::{Dense2, Network};
//! use ff_core::random::Rng;
//! use ff_core::saliency::{Against, ExpectedDelta, Question, Saliency, Score, Target};
//!
//! type Net = Network<Dense2<7, 8, 8>, 3>;
//! const SCRATCH: usize = ExpectedDelta.scratch_floats(Net::SHAPES, 3);
//! let mut net = Net::ZEROED;
//! net.randomise(&mut Rng::new(1));
//!
//! let question = Question {
//!     network: &net,
//!     sample: &[0.0, 1.0, 0.5, 0.0],
//!     baseline: &[],
//!     score: Score::Goodness(ScoredLayers::ALL),
//!     target: Target { label: 2, against: Against::MeanOfOthers },
//! };
//! let mut map = [0.0; 4];
//! let told = ExpectedDelta.map(&question, &mut [0.0; SCRATCH], &mut Portable, &mut map)?;
//! let sum: f32 = map.iter().sum();
//! # #[cfg(not(feature = "micromath"))] // Its square roots are per cents off.
//! assert!((sum - (told.score - told.baseline_score)).abs() < 1e-4);
//! assert_eq!(map[0], 0.0); // a feature that equals the baseline has no share
//! # Ok::<(), ff_core::error::Error>(())
//! ```
//!
//! # The baseline
//!
//! Methods that share out a difference need a sample that stands for nothing seen. Black is the usual
//! choice, and right for networks whose labels are not inputs: they normalise their input, so the
//! sample has the same direction at any brightness, and only black has none.
//!
//! Where the label is an input, black is a poor choice: the label's slot is then all that the first
//! layer sees, made as long as a whole sample by normalisation, and the network never met anything like
//! it. [`usual_baseline`] keeps the sample's direction and takes its brightness, until its features are as
//! long as the slot: `c x`, `c = min(1/2, SLOT / |x|)`. The map is then the exact difference to that faint
//! sample. In this project's measurements pixels changed in its order move the answer more than in that of
//! the difference to black, on both data sets. The faint sample belongs to one sample, so a
//! [`BaselineTrace`] made before serves black alone.
//!
//! # The methods
//!
//! | method | what the map is | goes | complete |
//! |---|---|---|---|
//! | [`ExpectedDelta`] (the default) | the exact difference to the baseline, swept down, with units on to a degree | up and down once | yes |
//! | [`GoodnessDelta`] | the same, with units on or off | up and down once | yes |
//! | [`IntegratedFirstLayer`] | the first layer's integrated gradients, exactly | through one layer | with shares |
//! | [`Occlusion`] | the change of the margin when a feature is erased, or added | up, once a feature | no |
//! | [`QuadraticShare`] | the margin itself, as a sum over paths | up and down once | with shares |
//! | [`CellShapley`] | what cells add, averaged over orders | up, once a cell and walk | yes |
//! | [`Rise`] | mean margin with the feature less that without it | up, once a mask | no |
//! | [`Smooth`] | another method's mean and variance over noisy samples | as the other, once a draw | as the other |
//!
//! *Complete*: the map, with `label_share` and `bias_share` where the method gives them, adds up to
//! `score - baseline_score` of [`Explained`], but for rounding. The maps of [`Score::OneLayer`] add up
//! to that of [`Score::Goodness`] over the same layers.
//!
//! Costs below are multiply-adds, with F features, R labels in the margin (1, 2, or all of them; 1
//! for a readout), U_1 units in the first layer, `P = sum of U_l U_(l+1)` weights above it, and `ink`
//! the features that are not zero in sample or baseline: only their weight rows are read (all F on the
//! way up where most are not zero). A
//! label's pass up costs `F U_1 + P`. Floats are the least scratch, with `U = sum of U_l`, `L` layers
//! and W the widest: for one row at a time. With more, rows go side by side and share the weights
//! that are loaded ([`Saliency::floats`]); [`Saliency::scratch_floats`] is for all labels of an input
//! side by side. All methods also take `U_1 + U + C` for a readout and for
//! a one-pass rule's scores; for one layer's, with that layer's units in place of U.
//!
//! ## Goodness-delta
//!
//! Primes mark the baseline's pass. From the last layer to the first, with `h = relu(z)`,
//! `s = rms(h)`, `n = h / (EPSILON + s)` and w_y the label's weight in the margin,
//!
//! ```text
//! t_j = w_y (h_j + h'_j)                                          where the layer is scored
//!     + [(p + p') m_j - (h_j + h'_j) / (s + s') * q] / (s + s')   where a layer is above,
//!       q = mean over i of (p' n_i + p n'_i) m_i,  p = s / (EPSILON + s)
//! d_j = t_j (h_j - h'_j) / (z_j - z'_j)                           0 with both off, 1 with both on
//! m   = d W_l'                                                    for the layer below
//! ```
//!
//! Each line turns a multiplier of a difference into that of the difference below, and none is an
//! approximation: `h^2 - h'^2 = (h + h') (h - h')`, and the second line is the difference of two
//! length normalisations, which stays sound however far apart the lengths are. The input's own
//! normalisation is taken the same way, with the label slots as inputs that do not change. Rows are
//! summed once they reach the first layer's units: the labels share the way back through W, as they
//! share the way up. Then `R_i = (x_i - beta_i) t_i`. A readout starts at the last layer with
//! `m = V w`, V its weights and w the classes' weights in the margin.
//!
//! It needs neither a loss nor a tape, but it does sweep transposed weights downwards, which learning
//! never does.
//!
//! * Cost: `2 ink U_1 + 3 R P` against black (`3 ink U_1 + 3 R P` against another baseline with as much
//!   ink), or `2 R P` for the second term with a [`BaselineTrace`] made before. For two labels on
//!   784-500-500-500 with MNIST's mean ink 2.15 million: 1.54 times their classification side by
//!   side, 1.20 times a pass for each alone. The two sweeps through P cannot be shared, since
//!   different units are on under different labels.
//! * Floats: `3 U_1 + 2 (U + L + W)`; a [`BaselineTrace`] C (U + L).
//! * Use when one map is wanted. Avoid when nothing may go downwards, or ink that is not there is
//!   the question: a feature that equals the baseline has no share.
//! * Source: the summation-to-delta property of DeepLIFT
//!   ([arXiv 1704.02685](https://arxiv.org/abs/1704.02685)), derived here for squares and lengths.
//!
//! ## Expected delta
//!
//! Goodness-delta with another step through the first layer. There a unit that is off at both ends has
//! no share for anyone, though one feature may have turned it on and another off again; and a unit that
//! turns on is shared out as if it had been on for so much of the way under every feature alike. But
//! while inputs come into sight one by one, in any order, a unit is on with a probability; its mean over
//! all orders is what a Shapley value counts. Half-way the unit's z has a mean and a variance, and
//!
//! ```text
//! m_j = (z_j + z'_j) / 2,  v_j = (sum over i of (dn_i W_ij)^2 + (ds A_yj)^2) / 4
//! g_j = (1 + m_j / sqrt(m_j^2 + v_j pi / 2)) / 2
//! d_j = t_j g_j,  rest = sum over j of t_j [(h_j - h'_j) - g_j (z_j - z'_j)]
//! ```
//!
//! with dn and ds the differences of the normalised features and of the label's slot between sample and
//! baseline, and t_j goodness-delta's multiplier of the activity. g is close to the normal distribution's
//! probability that z is above 0, for one root. What is left of the difference comes of the variance, and
//! is shared as that is, by squares: after the input's normalisation, as in goodness-delta,
//! `R_i += rest (x_i - beta_i)^2 / |x - beta|^2`. So it is exact whatever g is.
//!
//! In this project's measurements pixels changed in its order move the answer more than in
//! goodness-delta's on MNIST and Fashion-MNIST; on 8x8 digits, with few pixels and small networks, both are
//! alike with every rule.
//!
//! * Cost: goodness-delta's and `ink U_1`, for the variances; for two labels on 784-500-500-500 1.25
//!   times a pass for each alone, black's trace made before.
//! * Floats: goodness-delta's, U_1 and one a row.
//! * Use as the default. Avoid where every instruction counts: on the emulated M4F a map of ten labels
//!   took 194,540 instructions instead of 170,142 and differed little, for a network so small.
//! * Source: the variance of a unit's input under random orders, as in DASP
//!   ([arXiv 1903.10992](https://arxiv.org/abs/1903.10992)), here in one step, for one sweep, and exact.
//!
//! ## Integrated gradients of the first layer
//!
//! Along the straight path between the two *normalised* inputs every z_j is linear, so the path
//! integral of the gradient of relu(z_j)^2 has a closed form, without steps:
//!
//! `I_j = (relu(z_j)^2 - relu(z'_j)^2) / (z_j - z'_j)`,
//! `R_i = (x_i / N(x) - beta_i / N(beta)) sum_j W_ij sum over labels of w_y I_j`.
//!
//! The slots' normalised value differs at both ends; what it does is `label_share`.
//!
//! * Cost: `2 ink U_1` against black, `3 ink U_1` against another baseline with as much ink. Floats:
//!   `3 U_1 + 4 U_1 + 2`.
//! * Use when the first layer is the question or there is no time for more. Avoid as an explanation
//!   of what the network answers: layers above are not looked at.
//! * Source: [arXiv 1703.01365](https://arxiv.org/abs/1703.01365).
//!
//! ## Occlusion
//!
//! [`OcclusionMode::Erase`]: `R_i = M(x) - M(x with x_i = beta_i)`; [`OcclusionMode::Add`]:
//! `R_i = M(x with x_i = INK) - M(x)` for the features that equal the baseline. Only a step along
//! one weight row separates a changed sample from the sample: `x W - (x_i - y_i) W_i`, and its length
//! is recomputed. The layers above go up again. Nothing goes down, and nothing is assumed: this is
//! the reference for the other maps.
//!
//! * Cost: `ink (U_1 + R P)` (for adding, the blank features in place of ink). Against sending every
//!   changed MNIST sample up, each label alone: 9 times cheaper for 500-500-500, over 30 for 64-64-64.
//! * Floats: `3 U_1 + U + L + W + 2`; room for 32 samples a label makes it a matrix product on a host.
//! * Use when a single feature's effect must be beyond doubt, or for what is missing. Avoid when
//!   features stand in for each other: erasing one of them changes little.
//!
//! ## Quadratic share
//!
//! Where a unit is on, `h^2 = h z`, and z is a sum over inputs and bias. Sharing every h in
//! proportion, with c = 1 / (EPSILON + s) as it is, gives `d_j = w_y h_j + c m_j` where on, `m = d W'`,
//! and then `R_i = x_i / N m_i` for the sample, `SLOT / N` times its multiplier for the label and
//! `sum d b` for the biases, which add up to the margin itself.
//!
//! * Cost: `2 ink U_1 + 2 R P`. Floats: `2 U_1 + U + L + 2 W`.
//! * Use when no baseline can be justified, or to see how much sample, label and biases have in the
//!   answer. Avoid for fine comparison between features: a large share may change little.
//!
//! ## Cell Shapley
//!
//! Walks from the baseline to the sample uncover cell after cell in a random order, and a cell is
//! given the change of the margin, shared evenly among its features that differ; the mean over walks
//! estimates the Shapley value. Every walk adds up to the whole difference, so any number of walks
//! is complete. Every second walk goes backwards through the order before it, which takes out much
//! of the variance.
//!
//! * Cost: `walks (ink U_1 + cells R P)`. Floats: `4 U_1 + cells + U + L + W + 2`, label
//!   inputs counted among what cells cover.
//! * Use when features stand in for each other, and fairness is worth the time. Avoid for fine
//!   detail: cost and variance grow with the number of cells.
//! * Source: permutation sampling of Shapley values, Castro, Gomez and Tejada (2009).
//!
//! ## RISE
//!
//! Each mask keeps cells with probability `keep` and shows the baseline elsewhere;
//! `R_i = cov(mask_i, M) / var(mask_i)`, which is the mean margin with the feature less the mean
//! without it. Means run along: no mask is kept.
//!
//! * Cost: `masks (F U_1 + R P)`. Floats: `3 U_1 + 2 F + U + L + W + 2`, label
//!   inputs counted as features.
//! * Use when only scores can be trusted and large parts are the question. Avoid when time counts:
//!   its noise falls with the square root of the masks.
//! * Source: [arXiv 1806.07421](https://arxiv.org/abs/1806.07421), here signed and without bilinear
//!   masks.
//!
//! ## Smooth
//!
//! The mean map over samples with normal noise, and each feature's variance over the draws: how far
//! the map hangs on details of the sample. All features get noise, so nothing is skipped as blank.
//!
//! * Cost: `draws` times the method's. Floats: the method's and `3 F`.
//! * Use when a map looks speckled, or needs error bars. Avoid on a device that is short of time.
//! * Source: [arXiv 1706.03825](https://arxiv.org/abs/1706.03825).
//!
//! # What a map promises, and what not
//!
//! Same question, same seed, same kernel: same bytes. A layer's map does not depend on layers above
//! it, to the bit. Labels that send the same have no contrast. No map holds NaN: overflow is an
//! error. With the feature `micromath` square roots are approximate, and completeness with them.
//!
//! # One-pass rules
//!
//! Their networks have no label inputs, so one row goes up whatever the margin: R is 1 above, and
//! features and label slots are F and 0 in N. Between sample and baseline, layer l adds to the
//! multiplier of z_j what its head makes of it, with w_y the classes' weights in the margin:
//!
//! ```text
//! N-way   sum over y of w_y / T (relu(z_j + U_yj)^2 - relu(z'_j + U_yj)^2) / (z_j - z'_j)
//! groups  w_y / T (relu(z_j)^2 - relu(z'_j)^2) / (z_j - z'_j)              y the unit's class
//! local   sum over y of w_y M_yj (relu(z_j) - relu(z'_j)) / (z_j - z'_j)   cross-entropy
//! ```
//!
//! the derivative where z = z' (expected delta takes its g in the first layer instead, of `z + U` with
//! N-way heads), and the layers above send back through `N(relu(z))` as they do for
//! every rule. These are exact too. The contrast of the N-way head is between label columns, that of
//! groups between units. Quadratic shares use `relu(z + U)^2 = relu(z + U) z + relu(z + U) U`, whose
//! second term is the label rows' `label_share`. Beside R = 1 the N-way head costs 2 C operations a
//! unit, the local classifiers C multiply-adds a unit once a map, and groups nothing.
//!
//! # Room for more
//!
//! A method is a file with one `impl Saliency`. One that sweeps down as goodness-delta does, but for the
//! first layer or the input's normalisation, also has an `impl FirstLayerRule` (`sweep.rs`). A score that layers
//! contribute to in another way is an `impl Head` and its place in `HeadStorage`, both in `head.rs`: what a layer
//! adds to the margin, and its multiplier. ReLU, normalisation and sweeps are shared.

mod baseline;
mod cells;
mod class_head;
mod class_scores;
mod delta;
mod endpoints;
mod expected_delta;
mod gate;
mod goodness_delta;
mod head;
mod input;
mod integrated;
mod occlusion;
mod pass;
mod probe;
mod quadratic;
mod question;
mod rise;
mod shapley;
mod smooth;
mod sweep;

pub use baseline::{BaselineTrace, usual_baseline};
pub use cells::Cells;
pub use class_head::ClassHead;
pub use expected_delta::ExpectedDelta;
pub use goodness_delta::GoodnessDelta;
pub use integrated::IntegratedFirstLayer;
pub use occlusion::{INK, Occlusion, OcclusionMode};
pub use quadratic::QuadraticShare;
pub use question::{Against, Explained, Question, Score, Target};
pub use rise::Rise;
pub use shapley::CellShapley;
pub use smooth::Smooth;

use crate::error::Error;
use crate::kernel::Kernel;
use crate::layer::Shape;
use crate::network::Parameters;

/// A method that answers a [`Question`] with a map.
pub trait Saliency {
    /// Floats of scratch with which `rows` rows go side by side; at least 1.
    ///
    /// A row is one label on one input. Rows that go side by side share every weight that is
    /// loaded; the map is the same but for rounding.
    fn floats(&self, shapes: &[Shape], classes: usize, rows: usize) -> usize;

    /// Floats of scratch with which all labels of one input go side by side.
    fn scratch_floats(&self, shapes: &[Shape], classes: usize) -> usize {
        self.floats(shapes, classes, classes)
    }

    /// Fills `map`, one value a feature: positive where the feature speaks for the label, negative
    /// where it speaks against it.
    ///
    /// # Errors
    /// A slice of the wrong length, features that are NaN, infinite or too large to be squared, a label, layer or readout that the
    /// network does not have, settings out of range, shapes that do not fit, and
    /// [`Error::NotFinite`] for a map that overflowed. After an error the map holds no answer.
    fn map<P: Parameters, K: Kernel>(
        &self,
        question: &Question<'_, P>,
        scratch: &mut [f32],
        kernel: &mut K,
        map: &mut [f32],
    ) -> Result<Explained, Error>;
}
