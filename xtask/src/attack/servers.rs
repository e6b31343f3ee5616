//! Mirrors on loopback that are not honest, and one that is.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    sync::Arc,
    thread,
    time::Duration,
};

use anyhow::{Result, ensure};
use fastrand::Rng;

use super::{ground::Ground, judge};

/// The most connections that one mirror takes.
const MOST: usize = 64;

/// A mirror; its threads end with the program.
pub struct Mirror {
    /// Its address, as for `--mirror`.
    pub url: String,
    /// Whether it serves the real files.
    pub is_whole: bool,
}

/// What a mirror sends for a path: the head and the body, and how.
type Answer = dyn Fn(&str, &mut TcpStream) -> std::io::Result<()> + Send + Sync;

impl Mirror {
    /// The files of `$FF_DATA_DIR` where that is set, or else nothing that could be used.
    pub fn honest() -> Result<Self> {
        let data = std::env::var_os("FF_DATA_DIR").map(PathBuf::from).filter(|data| data.join("mnist").is_dir());
        let is_whole = data.is_some();
        let answer = move |path: &str, stream: &mut TcpStream| {
            let file = data.as_ref().and_then(|data| fs::read(data.join(path.trim_start_matches('/'))).ok());
            let body = file.unwrap_or_else(|| b"no such file".to_vec());
            stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes())?;
            stream.write_all(&body)
        };
        Self::start(Arc::new(answer), is_whole)
    }

    fn start(answer: Arc<Answer>, is_whole: bool) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        thread::spawn(move || {
            for stream in listener.incoming().take(MOST).flatten() {
                let answer = Arc::clone(&answer);
                thread::spawn(move || serve(stream, &*answer));
            }
        });
        Ok(Self { url, is_whole })
    }
}

fn serve(mut stream: TcpStream, answer: &Answer) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(30)));
    let Ok(copy) = stream.try_clone() else { return };
    let mut lines = BufReader::new(copy).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    lines.find(String::is_empty);
    // Errors only mean that the client has hung up.
    let _ = answer(first.split(' ').nth(1).unwrap_or_default(), &mut stream);
}

/// A mirror answers in a way of its own; nothing of it stays in the cache.
pub fn round(ground: &Ground, rng: &mut Rng) -> Result<()> {
    let answer = strange(rng);
    let mirror = Mirror::start(Arc::new(move |_: &str, stream: &mut TcpStream| send(&answer, stream)), false)?;
    let mut fetch = ground.ff("data fetch mnist --mirror");
    let output = judge::ended(fetch.arg(&mirror.url), "ff data fetch mnist from a strange mirror")?;
    ensure!(output.status.code() == Some(1), "what is not the published data was taken for it");
    let kept = fs::read_dir(ground.folder.join("cache/forward-forward/mnist")).map_or(0, Iterator::count);
    ensure!(kept == 0, "{kept} files of a strange mirror were kept");
    Ok(())
}

/// What a strange mirror sends, and how long it goes on.
struct Strange {
    head: Vec<u8>,
    body: Vec<u8>,
    times: usize,
}

fn strange(rng: &mut Rng) -> Strange {
    let length = rng.usize(0..5000);
    let noise: Vec<u8> = std::iter::repeat_with(|| rng.u8(..)).take(length).collect();
    let gzip = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &noise].concat();
    let body = if rng.bool() { gzip } else { noise.clone() };
    let length = match rng.u32(0..5) {
        0 => u64::MAX,
        1 => rng.u64(0..100_000),
        _ => body.len() as u64,
    };
    let head = match rng.u32(0..10) {
        0 => noise,
        1 => b"HTTP/1.1 301 Moved\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n".to_vec(),
        2 => b"HTTP/1.1 301 Moved\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n".to_vec(),
        3 => format!("HTTP/1.1 {} \u{1b}[2J\r\nContent-Length: 0\r\n\r\n", rng.u32(0..1000)).into_bytes(),
        4 => b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n".to_vec(),
        5 => [b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'x'; 1 << 20]].concat(),
        6 => b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n".to_vec(),
        7 => b"HTTP/1.1 200 OK\r\n\r\n".to_vec(),
        _ => format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").into_bytes(),
    };
    Strange { head, body, times: if rng.u32(0..8) == 0 { 1_000_000 } else { 1 } }
}

fn send(answer: &Strange, stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(&answer.head)?;
    (0..answer.times).try_for_each(|_| stream.write_all(&answer.body))
}
