//! From a mirror into the cache.
//!
//! A file is received and checked in memory, and only then appears in the cache, under its name at
//! once: whoever interrupts a download finds nothing half written there.

use std::io::{self, BufReader, Read};

use ureq::Agent;

use crate::files::{Busy, Folder};

use super::published::{FILES, IdxFile, Published, Sha256};
use super::search::{self, Contents, Files};
use super::{DataError, Finding, Patience, Problem, Progress, Request, idx};

/// Gzip makes hardly any file longer; a body beyond its file's length and this is not the file.
const SLACK_BYTES: usize = 64 * 1024;

/// Fetches what the cache lacks, and reads the cache. `findings` are the places searched in vain.
pub(super) fn into_cache(
    request: &Request,
    table: &[Published],
    mut findings: Vec<Finding>,
    progress: &mut dyn Progress,
) -> Result<Files, DataError> {
    match fetch(request, table, progress) {
        Ok(files) => Ok(files),
        Err(more) => {
            findings.extend(more);
            Err(DataError::Unavailable { dataset: request.dataset, findings })
        }
    }
}

/// Tries the mirrors in turn; a file that one of them gave is not asked for again.
fn fetch(request: &Request, table: &[Published], progress: &mut dyn Progress) -> Result<Files, Vec<Finding>> {
    let finding = |place: &str, found: String| Finding { place: place.to_owned(), found };
    let none = |found: &str| vec![finding("download", found.to_owned())];
    let Some(published) = search::entry(request.dataset, table) else {
        return Err(none("it is not published anywhere"));
    };
    let Some(cache) = &request.cache else {
        return Err(none("there is no cache folder to keep it in (is HOME set?)"));
    };
    let folder = cache.join(published.dataset.as_str());
    let cannot_keep = |error| vec![finding(&folder.display().to_string(), format!("{error:#}"))];
    // Of two downloads at once, the second waits and finds what the first one brought.
    let kept = Folder::open(&folder, Busy::Wait).map_err(cannot_keep)?;

    let dataset = request.dataset;
    progress.notice(&format!("downloading {dataset} into {}", folder.display()));
    let agent = agent(request);
    let mut failures = Vec::new();
    for mirror in mirrors(request, published) {
        match fetch_missing(&agent, &mirror, published, &kept, progress) {
            Ok(()) => match search::inspect(&folder, published, table) {
                Contents::Published(files) => return Ok(files),
                other => failures.push(finding(&folder.display().to_string(), other.to_string())),
            },
            Err(failure) => failures.push(failure),
        }
    }
    Err(failures)
}

/// The addresses of the folders that serve a data set.
fn mirrors(request: &Request, published: &Published) -> Vec<String> {
    match &request.mirror {
        Some(base) => vec![format!("{}/{}", base.trim_end_matches('/'), published.dataset)],
        None => published.mirrors.iter().map(|&mirror| mirror.to_owned()).collect(),
    }
}

/// The HTTP client. A mirror that the user names may be plain HTTP: the checksums guard its files.
fn agent(request: &Request) -> Agent {
    let Patience { connect, piece, file } = request.patience;
    Agent::config_builder()
        .https_only(request.mirror.is_none())
        .timeout_resolve(Some(connect))
        .timeout_connect(Some(connect))
        .timeout_recv_response(Some(piece))
        .timeout_per_read(Some(piece))
        .timeout_global(Some(file))
        // A server may close a connection that it kept, at any moment: each file has one of its own.
        .max_idle_connections(0)
        .build()
        .new_agent()
}

/// Fetches the files that the cache does not hold yet.
fn fetch_missing(
    agent: &Agent,
    mirror: &str,
    published: &Published,
    folder: &Folder,
    progress: &mut dyn Progress,
) -> Result<(), Finding> {
    for (file, sha256) in FILES.iter().zip(published.sha256) {
        let path = folder.path().join(file.name);
        if idx::read(&path, file).is_ok_and(|cached| cached.sha256 == sha256) {
            continue;
        }
        let url = format!("{mirror}/{}.gz", file.name);
        let received = receive(agent, &url, file, sha256, progress);
        progress.download_ended();
        let stored = received.and_then(|bytes| folder.write(file.name, &bytes).map_err(|error| format!("{error:#}")));
        stored.map_err(|found| Finding { place: url, found })?;
    }
    Ok(())
}

/// One file's decompressed bytes, checked against what was published.
fn receive(
    agent: &Agent,
    url: &str,
    file: &IdxFile,
    sha256: Sha256,
    progress: &mut dyn Progress,
) -> Result<Vec<u8>, String> {
    let response = agent.get(url).call().map_err(|error| error.to_string())?;
    let body = response.into_body();
    let total = body.content_length();
    let body = body.into_with_config().limit((file.bytes() + SLACK_BYTES) as u64).reader();
    let body = Watched { inner: body, file: file.name, received: 0, total, progress };
    match idx::check(BufReader::new(body), file) {
        Ok(checked) if checked.sha256 == sha256 => Ok(checked.bytes),
        Ok(_) => Err(Problem::Checksum.to_string()),
        Err(problem) => Err(problem.to_string()),
    }
}

/// A reader that reports how much it has read.
struct Watched<'a, R> {
    inner: R,
    file: &'static str,
    received: u64,
    total: Option<u64>,
    progress: &'a mut dyn Progress,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.received += count as u64;
        self.progress.download(self.file, self.received, self.total);
        Ok(count)
    }
}
