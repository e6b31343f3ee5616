//! What is found, as tables on the terminal.

use crate::saliency_eval::measure::MEAN_IMAGE;
use crate::saliency_eval::planted::{self, Found};
use crate::saliency_eval::report::{Group, Line};
use crate::saliency_eval::sanity::{self, Sanity};
use ff_host::output::say;

/// Prints the checks.
pub fn sanity(found: &Sanity) {
    say!(
        "rank correlation (and structural similarity) of maps on the ink of {} images; a correlation below {} at the \
         end is well",
        found.images,
        sanity::DIFFERENT
    );
    let word = |passes| if passes { "passes" } else { "FAILS" };
    for check in &found.checks {
        let both = check.correlation.iter().zip(&check.ssim);
        let steps: Vec<_> = both.map(|(r, s)| format!("{r:6.3} ({s:6.3})")).collect();
        say!("{:6}  {:44} {:24} {}", word(check.passes), check.method, check.change, steps.join("  "));
    }
    say!(
        "{:6}  a layer's map keeps its bits when the layers above are drawn anew",
        word(found.lower_maps_keep_their_bits)
    );
    say!("\nthe same between the maps of the predicted label and of the runner-up; 1 says nothing of the label");
    for overlap in &found.overlaps {
        say!("{:44} {:6.3} ({:6.3})", overlap.method, overlap.correlation, overlap.ssim);
    }
}

/// Prints what part of the contrast each method has in the patch.
pub fn planted(found: &Found) {
    say!(
        "\n{} by {}, layers {:?}: {} of {} new images seen rightly; the patch is {:.1} % of the pixels, and at least \
         {:.0} % of the absolute contrast should be there",
        found.dataset,
        found.recipe,
        found.layers,
        found.right,
        found.images,
        100.0 * found.area,
        100.0 * planted::SHARE
    );
    for share in &found.shares {
        let word = if share.passes { "passes" } else { "FAILS" };
        say!("{word:6}  {:28} {:5.1} %, the least {:5.1} %", share.method, 100.0 * share.share, 100.0 * share.least);
    }
}

/// Prints a group's two tables.
pub fn group(group: &Group) {
    let Group { networks, seeds, right, wrong, temperatures, .. } = group;
    let t: Vec<_> = temperatures.iter().map(|t| format!("{t:.4}")).collect();
    say!("\n{networks}: {seeds} networks, {right} images seen rightly, {wrong} wrongly; T = {}", t.join(", "));
    say!(
        "{:44} {:>8} {:>9} {:>6}  {:15} {:>6} {:>7} {:>8} {:>8}",
        "method",
        "deletion",
        "insertion",
        "SRG",
        "95 %",
        "skill",
        "better",
        "p",
        "passes"
    );
    for line in &group.lines {
        let [low, high] = line.srg_interval;
        say!(
            "{:44} {:8.3} {:9.3} {:6.3}  {low:6.3} .. {high:5.3} {:6.3} {:+7.3} {:>8} {:8.2}",
            line.method,
            line.mean.deletion,
            line.mean.insertion,
            line.mean.srg,
            line.skill,
            line.reference_better.srg,
            line.p.map_or("-".to_owned(), |p| format!("{p:.1e}")),
            line.passes
        );
    }
    say!(
        "\n{:44} {:>9} {:>10} {:>15} {:>9} {:>9}",
        "method",
        "mean SRG",
        "infidelity",
        NOISES,
        "residual",
        "wrong SRG"
    );
    group.lines.iter().for_each(more);
}

/// The heading of max-sensitivity's column.
const NOISES: &str = "moves .05   .2";

/// A line of the second table.
fn more(line: &Line) {
    let or_dash = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
    let mean_image = line.settings.iter().find(|under| under.setting == MEAN_IMAGE).map(|under| under.mean.srg);
    let [small, large] = [0, 1].map(|which| or_dash(line.sensitivity.map(|both| both[which])));
    say!(
        "{:44} {:>9} {:10.3} {small:>8} {large:>6} {:>9} {:>9}",
        line.method,
        or_dash(mean_image),
        line.infidelity,
        line.residual.map_or("-".to_owned(), |residual| format!("{residual:.1e}")),
        or_dash(line.srg_wrong)
    );
}
