//! Downloads, from a server on loopback that is not always honest.

mod data_support;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use data_support::server::{Answer, Server};
use data_support::{DIGITS, assert_digits, assert_error, files_below, gzip, header, load, table};
use ff_host::data::published::{FILES, Published};
use ff_host::data::{DatasetName, Patience, Request, Silent, load_from};
use tempfile::TempDir;

/// Far more than an honest server on loopback needs, however busy the machine is.
const PATIENT: Patience =
    Patience { connect: Duration::from_secs(5), piece: Duration::from_secs(10), file: Duration::from_secs(60) };

/// Little, so that the tests of slow servers are quick.
const IMPATIENT: Patience =
    Patience { connect: Duration::from_secs(1), piece: Duration::from_secs(1), file: Duration::from_secs(3) };

fn request(mirror: &str, cache: &Path) -> Request {
    Request {
        cache: Some(cache.to_owned()),
        mirror: Some(mirror.to_owned()),
        patience: PATIENT,
        ..Request::new(DatasetName::Mnist)
    }
}

/// Which of the four files a path asks for.
fn asked_for(path: &str) -> Option<usize> {
    FILES.iter().position(|file| path == format!("/mnist/{}.gz", file.name))
}

/// The right answer to a path.
fn honest(path: &str) -> Answer {
    asked_for(path).map_or(Answer::NotFound, |file| Answer::Whole(DIGITS.gzip[file].clone()))
}

/// A server that answers every request in one way: the load must fail with an error that names the
/// address and says `text`, and leave no file in the cache.
#[track_caller]
fn assert_refused(answer: Answer, text: &str) {
    assert_refused_by(PATIENT, answer, text);
}

#[track_caller]
fn assert_refused_by(patience: Patience, answer: Answer, text: &str) {
    let server = Server::start(move |_| answer.clone());
    let cache = TempDir::new().unwrap();
    let (result, _) = load(&Request { patience, ..request(&server.url, cache.path()) });
    let address = format!("{}/mnist/train-images-idx3-ubyte.gz", server.url);
    assert_error(result, &[&address, text, "--data-dir"]);
    assert_eq!(files_below(cache.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_download_is_used_and_kept_and_the_second_run_asks_nobody() {
    let server = Server::start(honest);
    let cache = TempDir::new().unwrap();
    let request = request(&server.url, cache.path());
    let (result, notices) = load(&request);
    assert_digits(result);
    assert!(notices.contains("downloading mnist into"), "{notices}");
    assert_eq!(server.requests(), 4);
    assert_eq!(files_below(cache.path()).len(), 4);

    let (result, notices) = load(&request);
    assert_digits(result);
    assert_eq!((server.requests(), notices.as_str()), (4, ""));
}

#[test]
fn a_truncated_file_is_refused() {
    let whole = &DIGITS.gzip[0];
    assert_refused(Answer::Whole(whole[..whole.len() / 2].to_vec()), "truncated gzip");
    assert_refused(Answer::CutOff(whole.clone(), whole.len() / 2), "truncated gzip");
}

#[test]
fn a_corrupted_file_is_refused() {
    let mut corrupted = DIGITS.gzip[0].clone();
    let middle = corrupted.len() / 2;
    corrupted[middle] ^= 0x10;
    assert_refused(Answer::Whole(corrupted), "gzip");
}

#[test]
fn a_well_formed_file_that_is_not_the_published_one_is_refused() {
    let mut other = DIGITS.plain[0].clone();
    other[16] ^= 1;
    assert_refused(Answer::Whole(gzip(&other)), "SHA-256 differs");
}

#[test]
fn a_web_page_is_refused() {
    assert_refused(Answer::Whole(b"<html>Please log in".to_vec()), "<html>Please log");
    assert_refused(Answer::NotFound, "404");
}

#[test]
fn a_body_without_end_is_refused() {
    assert_refused(Answer::Endless(vec![0; 1 << 16]), "no IDX file");
    let mut images = header(0x0803, &[60_000, 28, 28]);
    images.resize(1 << 16, 0);
    assert_refused(Answer::Endless(images), "goes on after");
}

#[test]
fn compressed_nothing_without_end_is_refused() {
    // Nothing ever comes out of empty gzip members, so the length of the input is what counts. A
    // small file has a small limit, which even a slow machine reaches before the limit on the time.
    let server = Server::start(|path| match asked_for(path) {
        Some(1) => Answer::Endless(gzip(b"").repeat(1000)),
        _ => honest(path),
    });
    let cache = TempDir::new().unwrap();
    let (result, _) = load(&request(&server.url, cache.path()));
    assert_error(result, &["train-labels-idx1-ubyte.gz", "larger than request limit"]);
    assert_eq!(files_below(cache.path()), [cache.path().join("mnist").join(FILES[0].name)]);
}

#[test]
fn a_server_that_does_not_answer_is_given_up() {
    assert_refused_by(IMPATIENT, Answer::Silent, "timeout: receive response");
    assert_refused_by(IMPATIENT, Answer::Stalled(DIGITS.gzip[0].clone(), 1000), "timeout: per read");
    assert_refused_by(IMPATIENT, Answer::Drip(DIGITS.gzip[0].clone(), Duration::from_millis(20)), "timeout: global");
}

#[test]
fn where_nobody_listens_the_error_comes_at_once() {
    let cache = TempDir::new().unwrap();
    let (result, _) = load(&request("http://127.0.0.1:1", cache.path()));
    assert_error(result, &["http://127.0.0.1:1/mnist/train-images-idx3-ubyte.gz", "refused"]);
    let (result, _) = load(&request("no address", cache.path()));
    assert_error(result, &["no address/mnist"]);
}

#[test]
fn what_arrived_before_a_failure_is_not_asked_for_again() {
    let server = Server::start(|path| match asked_for(path) {
        Some(2) => Answer::NotFound,
        _ => honest(path),
    });
    let cache = TempDir::new().unwrap();
    assert_error(load(&request(&server.url, cache.path())).0, &["t10k-images-idx3-ubyte.gz", "404"]);
    assert_eq!((server.requests(), files_below(cache.path()).len()), (3, 2));

    let server = Server::start(honest);
    assert_digits(load(&request(&server.url, cache.path())).0);
    assert_eq!(server.requests(), 2);
}

#[test]
fn a_damaged_file_in_the_cache_is_fetched_again() {
    let server = Server::start(honest);
    let cache = TempDir::new().unwrap();
    let request = request(&server.url, cache.path());
    assert_digits(load(&request).0);
    let damaged = cache.path().join("mnist").join(FILES[2].name);
    fs::write(&damaged, &DIGITS.plain[2][..1_000]).unwrap();

    let (result, notices) = load(&request);
    assert_digits(result);
    assert!(notices.contains(&format!("{} is truncated", damaged.display())), "{notices}");
    assert_eq!(server.requests(), 5);
    assert!(fs::read(&damaged).unwrap() == DIGITS.plain[2]);
}

#[test]
fn public_mirrors_are_tried_in_turn_and_only_over_https() {
    let server = Server::start(honest);
    let [first, second] = ["first", "second"].map(|name| format!("{}/{name}", server.url));
    let mirrors: Vec<&'static str> = [&first, &second].map(|url| &*url.clone().leak()).to_vec();
    let published = Published { mirrors: mirrors.leak(), ..DIGITS.published(DatasetName::Mnist) };
    let cache = TempDir::new().unwrap();
    let request = Request { mirror: None, ..request("", cache.path()) };
    assert_error(load_from(&request, &[published], &mut Silent), &[&first, &second, "https"]);
    assert_eq!(server.requests(), 0);
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let server = Server::start(honest);
    let folder = TempDir::new().unwrap();
    let cache = folder.path().join("file");
    fs::write(&cache, "in the way").unwrap();
    assert_error(load(&request(&server.url, &cache)).0, &[&cache.join("mnist").display().to_string()]);
    assert_eq!(server.requests(), 0);
}

#[test]
fn a_killed_download_leaves_nothing_in_the_cache() {
    let half = DIGITS.gzip[0].len() / 2;
    let server = Server::start(move |_| Answer::Stalled(DIGITS.gzip[0].clone(), half));
    let cache = TempDir::new().unwrap();
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "downloads_until_it_is_killed", "--ignored"])
        .env("TEST_MIRROR", &server.url)
        .env("TEST_CACHE", cache.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let asked = server.paths.recv_timeout(Duration::from_secs(20));
    std::thread::sleep(Duration::from_millis(300));
    let still_runs = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(asked.is_ok() && still_runs, "the child should have been in the middle of its download");
    assert_eq!(files_below(cache.path()), Vec::<PathBuf>::new());
}

#[test]
#[ignore = "the program that the test above starts and kills"]
fn downloads_until_it_is_killed() {
    let variable = |name| env::var(name).expect("set by the test above");
    let cache = PathBuf::from(variable("TEST_CACHE"));
    let request = Request { patience: Patience::DEFAULT, ..request(&variable("TEST_MIRROR"), &cache) };
    let _ = load_from(&request, &table(), &mut Silent);
}
