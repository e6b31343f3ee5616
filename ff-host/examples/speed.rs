//! Scratch timing of the classic step.
use ff_core::classic::{Classic, Learner};
use ff_core::random::Rng;
use ff_core::sample::Batch;
use ff_host::kernel::HostKernel;
use ff_host::network::{HostNetwork, Readout};
fn main() {
    let threads = std::env::args().nth(3).map_or(2, |t| t.parse().unwrap());
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
        let hard = std::env::args().nth(1).is_some_and(|a| a=="hard");
        let mut net = HostNetwork::zeroed(784, 10, &[1000, 1000, 1000], if hard {Readout::AboveFirst} else {Readout::None});
        let mut velocity = net.clone();
        let mut rng = Rng::new(1);
        ff_core::network::randomise(&mut net, &mut rng);
        let mut settings = Classic::PUBLISHED;
        if !hard { settings.negatives = ff_core::label::Negatives::Uniform; settings.readout.rate = 0.0; settings.peer=0.0; }
        if std::env::args().nth(2).is_some_and(|a| a=="drop") { settings.dropout = 0.1; }
        let mut scratch = vec![0.0; settings.scratch_floats(&net.shapes(), 10, 100)];
        let mut means = vec![0.0; 3000];
        let images: Vec<f32> = (0..100 * 784).map(|_| if rng.unit() < 0.2 { rng.unit() } else { 0.0 }).collect();
        let labels: Vec<u8> = (0..100).map(|_| rng.below(10) as u8).collect();
        for _ in 0..2 {
            let start = std::time::Instant::now();
            for _ in 0..100 {
                let mut learner = Learner { network: &mut net, velocity: &mut velocity, means: &mut means, scratch: &mut scratch, rng: &mut rng, kernel: &mut HostKernel::new(threads) };
                settings.step(&mut learner, Batch { images: &images, labels: &labels }).unwrap();
            }
            println!("{:.3} s an epoch of 500", start.elapsed().as_secs_f64() * 5.0);
        }
    });
}
