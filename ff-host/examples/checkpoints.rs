//! Scratch: checkpoints of the classic recipe.
use ff_host::data::Images;
use std::ops::ControlFlow;
fn cut(images: &Images, range: std::ops::Range<usize>) -> Images {
    let f = images.features();
    Images { pixels: images.pixels[range.start * f..range.end * f].to_vec(), labels: images.labels[range].to_vec(), ..*images }
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let dir = "/tmp/mnist-plain";
    let read = |name: &str, skip: usize| std::fs::read(format!("{dir}/{name}")).unwrap()[skip..].to_vec();
    let images = Images { width: 28, height: 28, maximum: 255, pixels: read("train-images-idx3-ubyte", 16), labels: read("train-labels-idx1-ubyte", 8) };
    let (train, valid) = (cut(&images, 0..50000), cut(&images, 50000..60000));
    let mut recipe: ff_host::recipe::Recipe = toml::from_str(&std::fs::read_to_string(format!("ff-host/recipes/{}.toml", a[1])).unwrap()).unwrap();
    recipe.epochs = a[2].parse().unwrap();
    if a[3] == "constant" { recipe.schedule = ff_host::recipe::Schedule::Constant; }
    ff_host::kernel::use_threads(2).unwrap();
    let mut t = ff_host::train::Trainer::new(&recipe, 784, 10, a[4].parse().unwrap(), 2).unwrap();
    for e in 1..=recipe.epochs {
        let r = t.epoch(&train, &mut |_, _| ControlFlow::Continue(())).unwrap();
        let by_readout = ff_host::evaluate::by_readout(t.network(), &valid, 2).unwrap().errors;
        let by_goodness = if e % 5 == 0 { ff_host::evaluate::by_goodness(t.network(), &valid, recipe.scored(), 2).unwrap().errors } else { 0 };
        let cpu = std::fs::read_to_string("/proc/self/stat").unwrap().split(' ').nth(13).unwrap().parse::<f64>().unwrap() / 100.0;
        println!("{e} {:.2}s cpu {cpu:.1} readout {by_readout} goodness {by_goodness} train {:?} {:?}", r.seconds, r.readout_error, r.layers);
    }
}
