//! Own data: every format gives the samples that are in it, and every bad file a message that says what to do.

use std::fs;
use std::path::{Path, PathBuf};

use ff_host::data::{self, Dataset, Fill, Options, Progress, Sample, Samples, Shape, Silent, load_own};
use ff_host::features::{Features, Standard};
use ff_host::recipe::{Recipe, suggest};
use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

/// A folder with files, and ways to read them.
struct Ground(TempDir);

impl Ground {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    fn load(&self, name: &str, options: Options) -> Dataset {
        load_own(&Options { path: self.0.path().join(name), ..options }, &mut Silent).unwrap()
    }

    /// That a file is refused by words that are all in its message.
    #[track_caller]
    fn refused(&self, name: &str, options: Options, needles: &[&str]) {
        let result = load_own(&Options { path: self.0.path().join(name), ..options }, &mut Silent);
        let error = result.unwrap_err().to_string();
        for needle in needles.iter().chain(&[name]) {
            assert!(error.contains(needle), "{needle:?} is not in: {error}");
        }
    }
}

/// All samples as they were read.
fn whole() -> Options {
    Options { test_part: Some(0.0), ..Options::default() }
}

fn numbers(samples: &Samples) -> Vec<f32> {
    samples.iter().flat_map(|(sample, _)| sample.numbers()).collect()
}

const TABLE: &str = "a,b,class\n1,2.5,x\n3,-4e1,y\n5,6,x\n7,8,y\n";
const VALUES: [f32; 8] = [1.0, 2.5, 3.0, -40.0, 5.0, 6.0, 7.0, 8.0];

#[test]
fn a_table_is_read_however_it_is_written() {
    let ground = Ground::new();
    let gzip = {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        std::io::Write::write_all(&mut encoder, TABLE.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let headless: String = TABLE.lines().skip(1).map(|line| format!("{line}\r\n")).collect();
    let comma = TABLE.replace(',', ";").replace('.', ",");
    for (name, bytes, options) in [
        ("plain", TABLE.as_bytes().to_vec(), whole()),
        ("marked", [b"\xef\xbb\xbf", TABLE.as_bytes()].concat(), whole()),
        ("packed", gzip, whole()),
        ("headless", headless.into_bytes(), whole()),
        ("tabs", TABLE.replace(',', "\t").into_bytes(), whole()),
        ("comma", comma.into_bytes(), Options { decimal_comma: true, ..whole() }),
        ("quoted", TABLE.replace("x\n", "\"x\"\n").replace("2.5", "\" 2.5\"").into_bytes(), whole()),
        ("numbered", TABLE.into(), Options { label: Some("3".to_owned()), ..whole() }),
    ] {
        ground.file(name, bytes);
        let data = ground.load(name, options);
        assert_eq!(numbers(&data.train), VALUES, "{name}");
        assert_eq!(
            (&data.train.labels[..], &data.class_names[..]),
            (&[0, 1, 0, 1][..], &["x", "y"].map(str::to_owned)[..])
        );
        if name != "headless" {
            assert_eq!(data.train.shape(), &Shape::Features { names: vec!["a".to_owned(), "b".to_owned()] }, "{name}");
        }
    }
}

#[test]
fn the_label_is_found_by_its_usual_names_or_is_last() {
    let ground = Ground::new();
    ground.file("first.csv", "Target,a\nx,1\ny,2\n");
    assert_eq!(ground.load("first.csv", whole()).class_names, ["x", "y"]);
    ground.file("last.csv", "a,kind\n1,x\n2,y\n");
    assert_eq!(ground.load("last.csv", whole()).class_names, ["x", "y"]);
    ground.file("index.csv", ",a,kind\n0,1,x\n1,2,y\n");
    assert_eq!(numbers(&ground.load("index.csv", whole()).train), [1.0, 2.0]);
    ground.file("numbers.csv", "a,label\n1,10\n2,9\n3,-1\n");
    assert_eq!(ground.load("numbers.csv", whole()).class_names, ["-1", "9", "10"]);
}

#[test]
fn bad_tables_are_refused_with_line_and_column() {
    let ground = Ground::new();
    let refused = |text: &str, options: Options, needles: &[&str]| {
        ground.file("bad.csv", text);
        ground.refused("bad.csv", options, needles);
    };
    let plain = Options::default;
    refused("a,b,class\n1,,x\n2,3,y\n", plain(), &["line 2, column 2 (b)", "missing", "--fill"]);
    refused("a,b,class\n1,2,x\n2,NA,y\n", plain(), &["line 3, column 2 (b)", "missing"]);
    refused("a,b,class\n1,2,x\n2,red,y\n", plain(), &["line 3, column 2 (b)", "`red` is no number", "--ignore"]);
    refused("a;b;class\n1,5;2;x\n2;3;y\n", plain(), &["line 2, column 1 (a)", "`1,5`", "--decimal-comma"]);
    refused("a,b,class\n1,2,x\n2,3\n", plain(), &["line 3", "2 values where there are 3 columns"]);
    refused("a,b,class\n1,2,x\n2,3,\n", plain(), &["line 3, column 3 (class)", "missing", "remove the line"]);
    refused("a,b,class\n1,2,x\n", plain(), &["one class (x)", "two are needed"]);
    refused("a,b,class\n", plain(), &["no values"]);
    refused("abc\ndef\n", plain(), &["line 1", "neither comma, semicolon nor tab"]);
    refused(
        "a,b,class\n1,2,x\n2,3,y\n",
        Options { label: Some("kind".to_owned()), ..plain() },
        &["\"kind\"", "a, b, class"],
    );
    refused("a,split,class\n1,train,x\n2,half,y\n", plain(), &["line 3, column 2 (split)", "`half`", "train or test"]);
    let many: String = (0..300).map(|i| format!("1,{i}.5\n")).collect();
    refused(&many, plain(), &["300 different labels", "256", "--label"]);
}

#[test]
fn files_of_other_kinds_are_refused_by_what_they_are() {
    let ground = Ground::new();
    for (bytes, says) in [
        (&b""[..], "is empty"),
        (b"PAR1...", "Parquet"),
        (b"\x89HDF\r\n", "HDF5"),
        (b"\xff\xfea\0,\0", "UTF-16"),
        (b"<!DOCTYPE html>", "web page"),
        (b"{\"a\": 1}", "JSON"),
        (b"@relation iris\n", "ARFF"),
        (b"\x80\x04\x95", "pickle"),
        (b"\x89PNG\r\n\x1a\n", "single picture"),
        (b"PK\x03\x04 cut", "archive"),
        (b"abc\0def", "no kind that is known"),
    ] {
        ground.file("what", bytes);
        ground.refused("what", Options::default(), &[says]);
    }
    ground.refused("nowhere", Options::default(), &["does not exist"]);
    fs::create_dir(ground.0.path().join("empty")).unwrap();
    ground.refused("empty", Options::default(), &["is an empty folder"]);
    ground.file("tables/a.csv", TABLE);
    ground.refused("tables", Options::default(), &["name one of its files (a.csv)"]);
}

#[test]
fn missing_values_are_filled_by_what_the_training_part_says() {
    let ground = Ground::new();
    ground
        .file("holes.csv", "split,a,b,class\ntrain,1,10,x\ntrain,NA,20,y\ntrain,3,90,x\ntrain,8,NA,y\ntest,?,1000,x\n");
    for (fill, expected) in [(Fill::Mean, [4.0, 40.0]), (Fill::Median, [3.0, 20.0]), (Fill::Zero, [0.0, 0.0])] {
        let data = ground.load("holes.csv", Options { fill: Some(fill), ..Options::default() });
        assert_eq!((data.train.len(), data.test.len()), (4, 1));
        let recipe = Recipe { standardise: false, constant: 0.0, ..Recipe::find("table").unwrap() };
        let features = Features::new(&data.train, &recipe, 2).unwrap();
        let standard = Standard::fit(&recipe, &features, &data.train);
        assert_eq!(standard.fill, expected, "{fill:?}");
        let mut row = [0.0; 2];
        let (sample, _) = data.test.get(0).unwrap();
        features.standardised(&standard).write(sample, &ff_host::augment::Variation::NONE, &mut row);
        assert_eq!(row, [expected[0], 1000.0]);
    }
}

#[test]
fn standardised_columns_have_mean_0_and_deviation_1_and_constant_ones_are_0() {
    let ground = Ground::new();
    ground
        .file("wide.csv", "a,b,c,class\n1000001,0.001,5,x\n1000002,0.002,5,y\n1000003,0.003,5,x\n1000004,0.004,5,y\n");
    let data = ground.load("wide.csv", whole());
    let recipe = Recipe { constant: 2.0, standardise: true, ..Recipe::find("table").unwrap() };
    let features = Features::new(&data.train, &recipe, 2).unwrap();
    let features = features.clone().standardised(&Standard::fit(&recipe, &features, &data.train));
    let rows: Vec<Vec<f32>> = data
        .train
        .iter()
        .map(|(sample, _)| {
            let mut row = vec![0.0; features.len()];
            features.write(sample, &ff_host::augment::Variation::NONE, &mut row);
            row
        })
        .collect();
    for column in 0..2 {
        let mean = rows.iter().map(|row| row[column]).sum::<f32>() / 4.0;
        let square = rows.iter().map(|row| row[column] * row[column]).sum::<f32>() / 4.0;
        assert!(mean.abs() < 1e-3 && (square - 1.0).abs() < 1e-3, "column {column}: {mean} {square}");
    }
    assert!(rows.iter().all(|row| row[2..] == [0.0, 2.0]), "{rows:?}");
}

/// Recordings of two channels; the value tells recording, channel and step.
fn log() -> String {
    let mut text = "recording,t,u,v,activity\n".to_owned();
    for recording in 0..8 {
        for step in 0..10 {
            let label = if recording % 2 == 0 { "rest" } else { "run" };
            text += &format!("r{recording},{step},{recording}{step},-{recording}{step},{label}\n");
        }
    }
    text
}

#[test]
fn logs_become_windows_that_stay_within_recordings() {
    let ground = Ground::new();
    ground.file("log.csv", log());
    let data = ground.load("log.csv", whole());
    assert_eq!(data.train.shape(), &Shape::Series { channels: vec!["u".to_owned(), "v".to_owned()], time: 10 });
    assert_eq!(data.train.len(), 8);
    let first = numbers(&data.train.select([1]));
    assert_eq!(first[..3], [10.0, 11.0, 12.0]);
    assert_eq!(first[10..13], [-10.0, -11.0, -12.0]);

    let windows = Options { window: Some(4), stride: Some(3), test_part: Some(0.25), ..Options::default() };
    let data = ground.load("log.csv", windows);
    assert_eq!((data.train.len(), data.test.len()), (18, 6), "whole recordings of three windows");
    assert!(data.test.groups.iter().all(|group| !data.train.groups.contains(group)));
    let recording = |samples: &Samples| numbers(samples).chunks(8).map(|w| w[0] as u32 / 10).collect::<Vec<_>>();
    let (learned, tested) = (recording(&data.train), recording(&data.test));
    assert!(tested.iter().all(|recording| !learned.contains(recording)), "{learned:?} {tested:?}");

    ground.file("uneven.csv", format!("{}r9,0,1,1,rest\n", log()));
    ground.refused("uneven.csv", Options::default(), &["1 to 10 steps", "\"r9\"", "--window 1"]);
    ground.refused(
        "log.csv",
        Options { window: Some(11), ..Options::default() },
        &["no recording of 11 steps", "smaller --window"],
    );
}

#[test]
fn windows_in_which_the_label_changes_are_left_out_and_told() {
    let ground = Ground::new();
    ground.file("one.csv", "r,u,class\na,1,x\na,2,x\na,3,y\na,4,y\nb,5,x\nb,6,x\n");
    let mut told = Told::default();
    let options = Options { recording: Some("r".to_owned()), window: Some(2), stride: Some(1), ..whole() };
    let data = load_own(&Options { path: ground.0.path().join("one.csv"), ..options }, &mut told).unwrap();
    assert_eq!(numbers(&data.train), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert!(told.0.contains("1 window is left out, since the label changes within"), "{}", told.0);
}

#[derive(Default)]
struct Told(String);

impl Progress for Told {
    fn notice(&mut self, text: &str) {
        self.0 += text;
        self.0.push('\n');
    }
}

fn npy(descr: &str, shape: &str, bytes: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    [b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), bytes].concat()
}

fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut archive, bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn arrays_are_read_with_labels_beside_or_among_them() {
    let ground = Ground::new();
    let samples = npy("<i2", "(2, 3)", &[1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 0xff, 0xff]);
    let labels = npy("|S1", "(2,)", b"ab");
    ground.file("X.npy", &samples);
    ground.refused("X.npy", Options::default(), &["--labels"]);
    ground.file("y.npy", &labels);
    let data = ground.load("X.npy", whole());
    assert_eq!(numbers(&data.train), [1.0, 2.0, 3.0, 4.0, 5.0, -1.0]);
    ground.file("both.npz", npz(&[("X.npy", samples.clone()), ("y.npy", labels.clone())]));
    assert_eq!(ground.load("both.npz", whole()).train, data.train);
    let four = [
        ("X_train.npy", samples.clone()),
        ("y_train.npy", labels.clone()),
        ("X_test.npy", samples.clone()),
        ("y_test.npy", labels.clone()),
    ];
    ground.file("four.npz", npz(&four));
    let four = ground.load("four.npz", Options::default());
    assert_eq!((&four.train, &four.test), (&data.train, &data.train));
    assert_eq!(data::copies(&four.train, &four.test), 2);
    ground.file("alone.npz", npz(&[("X.npy", samples.clone())]));
    ground.refused("alone.npz", Options::default(), &["no array of labels", "X and y"]);
    ground.file("uneven.npz", npz(&[("X.npy", samples), ("y.npy", npy("|S1", "(3,)", b"abc"))]));
    ground.refused("uneven.npz", Options::default(), &["2 samples, but 3 labels"]);
    ground.file("nan.npz", npz(&[("X.npy", npy("<f4", "(2, 1)", &[0, 0, 0xc0, 0x7f, 0, 0, 0, 0])), ("y.npy", labels)]));
    ground.refused("nan.npz", Options::default(), &["x0 of sample 0 is missing", "--fill"]);
}

#[test]
fn series_of_the_archives_are_read() {
    let ground = Ground::new();
    let text = "# a comment\n@problemName two\n@univariate false\n@classLabel true x y\n@data\n1,2:3,4:x\n5,6:7,8:y\n";
    ground.file("two_TRAIN.ts", text);
    ground.file("two_TEST.ts", text.replace("5,6", "0,6"));
    let data = ground.load("two_TRAIN.ts", Options::default());
    assert_eq!(data.train.shape(), &Shape::series(2, 2));
    assert_eq!(numbers(&data.train), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    assert_eq!((data.test.len(), numbers(&data.test)[4]), (2, 0.0), "the file that is named like it, with TEST");
    for (bad, needles) in [
        (text.replace("5,6:7,8", "5,6"), &["line 7", "1 channels where 2"][..]),
        (text.replace("7,8", "7,a"), &["line 7, column 2 at step 2", "`a`"]),
        (text.replace("7,8", "7,?"), &["line 7", "missing", "--fill"]),
        (text.replace("7,8", "7"), &["line 7", "differ in length"]),
        (text.replace("@data\n", ""), &["line 5", "@data"]),
        (text.replace("true x y", "false"), &["classLabel"]),
        (text.replace("5,6:7,8", "5,6,7:7,8,9"), &["2 to 3 steps", "--window 2"]),
    ] {
        ground.file("bad.ts", bad);
        ground.refused("bad.ts", Options::default(), needles);
    }
}

fn idx(kind: u8, extents: &[u32], bytes: &[u8]) -> Vec<u8> {
    let extents: Vec<u8> = extents.iter().flat_map(|extent| extent.to_be_bytes()).collect();
    [&[0, 0, kind, extents.len() as u8 / 4][..], &extents, bytes].concat()
}

#[test]
fn idx_files_of_any_size_count_and_name_are_read() {
    let ground = Ground::new();
    let pixels: Vec<u8> = (0..24).collect();
    ground.file("small/train-images.idx3-ubyte", idx(8, &[4, 2, 3], &pixels));
    ground.file("small/train-labels.idx1-ubyte", idx(8, &[4], &[1, 26, 1, 26]));
    ground.file("small/t10k-images.idx3-ubyte", idx(8, &[1, 2, 3], &pixels[..6]));
    ground.file("small/t10k-labels.idx1-ubyte", idx(8, &[1], &[26]));
    let data = ground.load("small", Options::default());
    assert_eq!(data.train.shape(), &Shape::grey(3, 2));
    assert_eq!(
        (&data.class_names[..], &data.train.labels[..]),
        (&["1", "26"].map(str::to_owned)[..], &[0, 1, 0, 1][..])
    );
    assert_eq!((data.test.len(), data.test.labels[0]), (1, 1));
    assert_eq!(data.train.get(1).unwrap().0, Sample::Bytes(&[6, 7, 8, 9, 10, 11]));
    let turned = ground.load("small", Options { transpose: true, ..Options::default() });
    assert_eq!(turned.train.get(0).unwrap().0, Sample::Bytes(&[0, 3, 1, 4, 2, 5]));
    assert_eq!(turned.train.shape(), &Shape::grey(2, 3));
    ground.file("small/train-labels.idx1-ubyte", idx(8, &[3], &[1, 26, 1]));
    ground.refused("small", Options::default(), &["4 samples", "3 labels"]);
    ground.file("small/train-labels.idx1-ubyte", idx(8, &[4], &[1, 26, 1]));
    ground.refused("small", Options::default(), &["cut short: 3 bytes"]);
}

fn picture(ground: &Ground, name: &str, width: u32, height: u32, colour: [u8; 3]) {
    let path = ground.file(name, []);
    image::RgbImage::from_pixel(width, height, image::Rgb(colour)).save(path).unwrap();
}

#[test]
fn folders_of_pictures_are_read() {
    let ground = Ground::new();
    for (name, colour) in
        [("p/cat/1.png", [9, 9, 9]), ("p/cat/2.bmp", [8, 8, 8]), ("p/dog/1.png", [7, 7, 7]), ("p/dog/2.bmp", [6, 6, 6])]
    {
        picture(&ground, name, 3, 2, colour);
    }
    ground.file("p/dog/notes.txt", "no picture");
    let data = ground.load("p", whole());
    assert_eq!((data.train.shape(), data.train.len()), (&Shape::grey(3, 2), 4), "grey, although stored in colours");
    assert_eq!(data.class_names, ["cat", "dog"]);
    assert_eq!(data.train.get(1).unwrap().0, Sample::Bytes(&[8; 6]));
    picture(&ground, "p/dog/3.png", 3, 2, [1, 2, 3]);
    let data = ground.load("p", whole());
    assert_eq!(data.train.shape(), &Shape::Picture { channels: 3, rows: 2, columns: 3 });
    assert_eq!(data.train.get(4).unwrap().0.bytes()[..7], [1, 1, 1, 1, 1, 1, 2]);
    assert_eq!(ground.load("p", Options { grey: true, ..whole() }).train.shape(), &Shape::grey(3, 2));
    picture(&ground, "p/dog/4.png", 4, 2, [0; 3]);
    ground.refused("p", whole(), &["4.png is 4x2", "--resize 3x2"]);
    let resized = ground.load("p", Options { resize: Some("2x2".parse().unwrap()), ..whole() });
    assert_eq!((resized.train.shape().len(), resized.train.len()), (12, 6));
    ground.file("p/dog/5.png", b"\x89PNG\r\n\x1a\nbroken");
    fs::remove_file(ground.0.path().join("p/dog/4.png")).unwrap();
    ground.refused("p", whole(), &["5.png is a damaged picture"]);
    picture(&ground, "flat/1.png", 2, 2, [0; 3]);
    ground.refused("flat", whole(), &["sub-folder"]);
}

/// Every test file beside a training file is refused where it does not belong to it.
#[test]
fn a_test_file_of_other_columns_is_refused() {
    let ground = Ground::new();
    ground.file("mine.csv", TABLE);
    let other = ground.file("other.csv", TABLE.replace("a,b", "b,a"));
    let test = |path: &Path| Options { test: Some(path.to_owned()), ..Options::default() };
    let error = load_own(&Options { path: ground.0.path().join("mine.csv"), ..test(&other) }, &mut Silent);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("`b` stands where `a` is expected"), "{error}");
    let same = ground.file("same.csv", TABLE);
    assert_eq!(ground.load("mine.csv", test(&same)).test.len(), 4);
}

#[test]
fn what_is_odd_is_told() {
    let ground = Ground::new();
    let told = |text: &str, options: Options| {
        ground.file("odd.csv", text);
        data::oddities(&ground.load("odd.csv", options)).join("\n")
    };
    let still: String =
        (0..40).map(|i| format!("{},7,{},{}\n", (i * 7) % 11, i, if i % 2 == 0 { 1 } else { 3 })).collect();
    let said = told(&format!("a,dead,id,class\n{still}"), whole());
    for needle in ["one value in all training samples", "dead", "id seems to number", "1 is followed by 3"] {
        assert!(said.contains(needle), "{needle:?} is not in: {said}");
    }
    let said = told("split,a,class\ntrain,1,x\ntrain,2,y\ntest,1,x\n", Options::default());
    assert!(said.contains("1 of the 1 test samples is a copy"), "{said}");
    assert!(said.contains("no test sample is of the class y"), "{said}");
    assert_eq!(told(TABLE, whole()), "");
}

/// Pictures of a dark disc's ground at some grey, as bytes.
fn discs(ground: u8, ink: u8) -> Samples {
    let pixel = |i: usize| if (i / 12).abs_diff(6) + (i % 12).abs_diff(6) < 4 { ink } else { ground };
    Samples::grey(12, 12, 255, (0..144 * 4).map(|i| pixel(i % 144)).collect(), vec![0, 1, 0, 1])
}

#[test]
fn grounds_and_brightness_of_pictures_are_told() {
    let told = |samples: &Samples, prepared| data::oddities_of_values(samples, prepared).join("\n");
    assert_eq!(told(&discs(0, 255), false), "");
    assert!(told(&discs(255, 0), false).contains("dark on white"));
    assert!(told(&discs(96, 255), false).contains("is not dark"));
    assert!(told(&discs(96, 255), false).contains("--centre true"));
    assert_eq!(told(&discs(255, 0), true), "");
    assert!(told(&discs(0, 1), true).contains("brightest pixel is 1 of 255"));
}

#[test]
fn recipes_are_suggested_by_shape() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let data = load_own(&Options::of(folder.join("wine.csv")), &mut Silent).unwrap();
    let suggestion = suggest(&data);
    assert_eq!(suggestion.recipe, "table");
    assert!(suggestion.why.starts_with("142 samples of 13 features"), "{}", suggestion.why);
    let ground = Ground::new();
    ground.file("log.csv", log());
    assert_eq!(suggest(&ground.load("log.csv", whole())).recipe, "series");
}
