//! The golden sequences: a seed that somebody wrote down means the same in every version.
//!
//! The numbers come from another program (in Python), written after the published C sources of
//! xoshiro128++ and splitmix64.

use ff_core::random::{Rng, hash};

/// Seed, state, first eight outputs, and the 1,001st.
const SEQUENCES: [(u64, [u32; 4], [u32; 8], u32); 4] = [
    (
        0,
        [0x7b1dcdaf, 0xe220a839, 0xa1b965f4, 0x6e789e6a],
        [0x4653daa3, 0x73922b58, 0xb82b4add, 0xd9fabd3b, 0x3c8698c3, 0x1c9b58ff, 0xccac4646, 0x27e3fd16],
        0x8f2e187f,
    ),
    (
        1,
        [0x89025cc1, 0x910a2dec, 0x658eec67, 0xbeeb8da1],
        [0x7ff78de4, 0x9a170265, 0xdac127b8, 0x9859e914, 0x4d4b41b3, 0xba2afb67, 0xedc318ad, 0x8aabeca1],
        0x618e144e,
    ),
    (
        42,
        [0x2feb6e95, 0xbdd73226, 0xb266f103, 0x28efe333],
        [0x9d9452c1, 0x6909d440, 0x6148a68f, 0x54829a5b, 0xc648de34, 0xedc89aa6, 0xff162eb3, 0xab6356aa],
        0x4586bae5,
    ),
    (
        u64::MAX,
        [0x1b652c20, 0xe4d97177, 0xdbf682c9, 0xe99ff867],
        [0x9df76fa2, 0x4c367255, 0x96ef9cd0, 0x2313ad4b, 0x511c5746, 0x035fbb9a, 0x95f3023b, 0x044bed81],
        0x3696634c,
    ),
];

fn outputs<const N: usize>(rng: &mut Rng) -> [u32; N] {
    [(); N].map(|()| rng.next_u32())
}

#[test]
fn a_seed_gives_its_golden_sequence() {
    for (seed, state, first, later) in SEQUENCES {
        let mut rng = Rng::new(seed);
        assert_eq!(rng.state(), state, "seed {seed}");
        assert_eq!(outputs(&mut rng), first, "seed {seed}");
        let _: [u32; 992] = outputs(&mut rng);
        assert_eq!(rng.next_u32(), later, "seed {seed}");
    }
}

#[test]
fn the_published_sequence_of_the_state_1_2_3_4() {
    let mut rng = Rng::from_state([1, 2, 3, 4]);
    let published =
        [641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011, 621204420];
    assert_eq!(outputs(&mut rng), published);
    assert_eq!(rng.state(), [0x37f8b16b, 0x6f28b798, 0x5685570d, 0x8317705d]);
}

#[test]
fn a_saved_state_goes_on_where_it_was() {
    let mut rng = Rng::new(7);
    let _: [u32; 5] = outputs(&mut rng);
    let mut again = Rng::from_state(rng.state());
    assert_eq!(outputs::<9>(&mut again), outputs::<9>(&mut rng));
    assert_eq!(Rng::from_state([0; 4]), Rng::new(0), "the state that xoshiro cannot leave");
}

#[test]
fn the_golden_hashes() {
    let golden = [
        (0, 0, 0),
        (0, 1, 0x64625032),
        (1, 0, 0x86d2fa73),
        (1, 1, 0xeb721c8a),
        (0xdeadbeef, 12345, 0x322af6a5),
        (u32::MAX, u32::MAX, 0xeb721c8a),
    ];
    for (key, position, expected) in golden {
        assert_eq!(hash(key, position), expected, "hash({key}, {position})");
    }
}

#[test]
fn numbers_are_drawn_from_the_sequence_as_documented() {
    let fresh = || Rng::new(1);
    let mut rng = fresh();
    let units = [(); 4].map(|()| rng.unit());
    assert_eq!(units, [8386445.0, 10098434.0, 14336295.0, 9984489.0].map(|top: f32| top / 16_777_216.0));
    let mut rng = fresh();
    let below = [(); 12].map(|()| rng.below(10));
    assert_eq!(below, [4, 6, 8, 5, 3, 7, 9, 5, 6, 2, 3, 4]);
    let mut rng = fresh();
    let normals = [(); 4].map(|()| rng.normal());
    assert_eq!(normals, [29394.0, 85517.0, 20923.0, 105290.0].map(|sum: f32| sum / 65_536.0));
}

#[test]
fn draws_stay_in_their_ranges_and_fill_them() {
    let mut rng = Rng::new(3);
    let mut seen = [0_u32; 7];
    let (mut sum, mut squares) = (0.0, 0.0);
    for _ in 0..70_000 {
        assert!((0.0..1.0).contains(&rng.unit()));
        seen[rng.below(7) as usize] += 1;
        let normal = f64::from(rng.normal());
        sum += normal;
        squares += normal * normal;
    }
    assert!(seen.iter().all(|count| count.abs_diff(10_000) < 500), "{seen:?}");
    assert!((sum / 70_000.0).abs() < 0.02 && (squares / 70_000.0 - 1.0).abs() < 0.02, "{sum} {squares}");
    assert_eq!((rng.below(0), rng.below(1)), (0, 0));
}
