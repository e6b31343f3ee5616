//! What devices do that live long, done on the host: new classes, a changed stream, odd samples. The
//! reports are the firmware's, number for number.

use ff_core::kernel::Portable;
use ff_embedded::anomaly::{self, ALL, Found, MOST, Odd, Watchman};
use ff_embedded::app::{App, SEED};
use ff_embedded::digits;
use ff_embedded::drift::{self, CHANGES, Episode, LATEST, USUAL, View};
use ff_embedded::learns::{Learns, Share};
use ff_embedded::nets::{Net, Usual};
use ff_embedded::nway::ByGoodness;
use ff_embedded::personalise::{self, Accuracy, ENOUGH, MOST_LOST, Personal, Replay};
use ff_embedded::survive;

#[test]
fn new_classes_are_learned_and_old_ones_kept_as_on_the_device() {
    let mut memory = Box::new(Personal::MEMORY);
    let mut replay = Box::new(Replay::ZEROED);
    let mut app = personalise::from_flash(&mut memory, SEED, Portable).unwrap();
    let before = personalise::accuracy(&mut app).unwrap();
    personalise::without_replay(&mut app).unwrap();
    let forgotten = personalise::accuracy(&mut app).unwrap();
    let mut app = personalise::from_flash(&mut memory, SEED, Portable).unwrap();
    personalise::collect(&mut app, &mut replay).unwrap();
    personalise::learn(&mut app, &replay).unwrap();
    let after = personalise::accuracy(&mut app).unwrap();
    let lost = after.lost_since(before);
    let report = [
        told("from the host", before),
        told("after the new digits alone", forgotten),
        format!("kept for replay: {} digits\n", replay.kept().len()),
        told("after learning with replay", after),
        format!("old classes lost {}.{:02} points\n", lost / 100, lost % 100),
        format!("weights: CRC-32 {:08x}\n", app.checksum()),
    ];
    assert_eq!(report.concat(), include_str!("../../ff-embedded/golden/personalise.txt"));
    assert!(lost <= MOST_LOST && after.new.reaches_percent(ENOUGH), "{after:?}");
    assert!(forgotten.lost_since(before) > MOST_LOST, "replay is not what kept them: {forgotten:?}");
}

fn told(when: &str, Accuracy { old, new }: Accuracy) -> String {
    let (old_of, new_of) = (old.of, new.of);
    let (old, new) = (old.right, new.right);
    format!("{when}: {old} of {old_of} old digits recognised, {new} of {new_of} new ones\n")
}

/// Cut off, in slices, or in a task: the device ends with the weights of plain steps on the host.
#[test]
fn however_a_step_is_interrupted_the_device_learns_what_the_host_does() {
    let mut memory = Box::new(Usual::MEMORY);
    let survived = survive::uninterrupted(&mut memory, Portable).unwrap();
    let mut steps = |count| {
        let mut app = App::start(&mut memory, SEED, Portable);
        digits::training().take(count).for_each(|digit| drop(app.step(digit, 1.0).unwrap()));
        app.checksum()
    };
    for (report, line, checksum) in [
        (include_str!("../../ff-embedded/golden/survive.txt"), "weights, cut", survived),
        (include_str!("../../ff-embedded/golden/watchdog.txt"), "weights", steps(500)),
        (include_str!("../../ff-embedded/golden/embassy.txt"), "weights", steps(200)),
    ] {
        assert!(report.contains(&format!("\n{line}: CRC-32 {checksum:08x}\n")), "{checksum:08x}: {report}");
    }
}

#[test]
fn new_classes_are_learned_whatever_the_seed() {
    let mut memory = Box::new(Personal::MEMORY);
    for seed in 2..=4 {
        let mut app = personalise::from_flash(&mut memory, seed, Portable).unwrap();
        let before = personalise::accuracy(&mut app).unwrap();
        let mut replay = Box::new(Replay::ZEROED);
        personalise::collect(&mut app, &mut replay).unwrap();
        personalise::learn(&mut app, &replay).unwrap();
        let after = personalise::accuracy(&mut app).unwrap();
        let good = after.lost_since(before) <= MOST_LOST && after.new.reaches_percent(ENOUGH);
        assert!(good, "seed {seed}: {after:?} after {before:?}");
    }
}

#[test]
fn a_changed_stream_is_noticed_and_learned_as_on_the_device() {
    let mut memory = Box::new(ByGoodness::MEMORY);
    let mut app = App::start(&mut memory, SEED, Portable);
    drift::learn(&mut app, USUAL).unwrap();
    let mut report = String::new();
    let mut view = USUAL;
    for change in CHANGES {
        let episode = drift::episode(&mut app, view, change).unwrap();
        report += &story(view, change, &episode);
        assert!(episode.is_good(), "{episode:?}");
        view = change;
    }
    report += &format!("weights: CRC-32 {:08x}\n", app.checksum());
    assert_eq!(report, include_str!("../../ff-embedded/golden/drift.txt"));
}

fn story(from: View, to: View, episode: &Episode) -> String {
    let Episode { watched, false_alarms, noticed, before, changed, after } = *episode;
    let (digits, signal) = noticed.unwrap();
    let of = before.of;
    [
        format!("{}: {} of {of} recognised\n", from.name, before.right),
        format!("{watched} digits watched, {false_alarms} false alarms\n"),
        format!("{}: {} of {of} recognised\n", to.name, changed.right),
        format!("noticed after {digits} digits: goodness has {signal:?}\n"),
        format!("learned: {} of {of} recognised\n", after.right),
    ]
    .concat()
}

#[test]
fn an_episode_is_bad_where_the_flag_is_early_late_or_missing_or_little_is_recovered() {
    use ff_core::stream::drift::Signal;
    let share = |right| Share { right, of: 359 };
    let noticed = Some((LATEST, Signal::Fallen));
    let good =
        Episode { watched: 718, false_alarms: 0, noticed, before: share(350), changed: share(0), after: share(315) };
    assert!(good.is_good());
    for bad in [
        Episode { false_alarms: 1, ..good },
        Episode { noticed: None, ..good },
        Episode { noticed: Some((LATEST + 1, Signal::Fallen)), ..good },
        Episode { after: share(314), ..good },
    ] {
        assert!(!bad.is_good(), "{bad:?}");
    }
}

#[test]
fn odd_samples_are_told_from_normal_ones_as_on_the_device() {
    let mut memory = Box::new(Watchman::MEMORY);
    let mut app = App::start(&mut memory, SEED, Portable);
    anomaly::learn(&mut app).unwrap();
    let mut report = format!("weights: CRC-32 {:08x}\n", app.checksum());
    let threshold = anomaly::calibrate(&mut app).unwrap();
    let mut scores = [0.0; MOST];
    let normal = anomaly::normal(&mut app, &mut scores).unwrap();
    let false_alarms = normal.iter().filter(|&&goodness| threshold.is_anomaly(goodness)).count();
    let (limit, expected) = (threshold.threshold().unwrap(), threshold.false_alarms().unwrap());
    report += &format!("threshold {limit}: {expected} of normal digits below are to be expected\n");
    report += &format!("normal digits: {false_alarms} of {} flagged\n", normal.len());
    for odd in ALL {
        let Found { flagged: Share { right, of }, area } = anomaly::judge(&mut app, &threshold, normal, odd).unwrap();
        let name = odd.name();
        report += &format!("{name}: {right} of {of} flagged, area under the ROC curve ");
        report += &format!("{}.{:03}\n", area / 1000, area % 1000);
        assert!(area >= odd.enough(), "{name}: {area}");
    }
    assert_eq!(report, include_str!("../../ff-embedded/golden/anomaly.txt"));
}

/// Against scores without ties, with nothing but ties, and on both sides.
#[test]
fn the_area_is_the_share_of_pairs_in_the_right_order() {
    let mut memory = Box::new(Watchman::MEMORY);
    let mut app = App::start(&mut memory, SEED, Portable);
    let threshold = anomaly::Threshold::ZEROED;
    let mut area = |normal: &[f32]| anomaly::judge(&mut app, &threshold, normal, Odd::Noise).unwrap().area;
    assert_eq!((area(&[f32::MAX]), area(&[-1.0]), area(&[f32::MAX, -1.0]), area(&[])), (1000, 0, 500, 0));
    // A network of zeros gives every image the same goodness, 0.
    let mut zeros = Box::new(Watchman::MEMORY);
    let mut app = App::<Watchman, _>::resume(&mut zeros, SEED, Portable);
    assert_eq!(anomaly::judge(&mut app, &threshold, &[0.0; 3], Odd::Inverted).unwrap().area, 500);
}
