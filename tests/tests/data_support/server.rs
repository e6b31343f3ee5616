//! A small HTTP server on loopback.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

/// More requests than any test makes.
const MOST_REQUESTS: usize = 64;

/// How the server answers a request.
#[derive(Clone)]
pub enum Answer {
    /// Everything is well.
    Whole(Vec<u8>),
    /// The connection ends after so many bytes of the promised body.
    CutOff(Vec<u8>, usize),
    /// So many bytes come, then nothing more, and the connection stays open.
    Stalled(Vec<u8>, usize),
    /// The body comes byte by byte, this much time apart.
    Drip(Vec<u8>, Duration),
    /// The same piece again and again, until the client hangs up.
    Endless(Vec<u8>),
    /// An error page.
    NotFound,
    /// The request is taken, and never answered.
    Silent,
}

/// A running server; its threads end with the test program.
pub struct Server {
    /// Its address, as for `--mirror`.
    pub url: String,
    /// How many requests there were.
    count: Arc<AtomicUsize>,
    /// Their paths, as they come in.
    pub paths: mpsc::Receiver<String>,
}

impl Server {
    /// Serves what `answer` says for the path of a request.
    pub fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (count, answer) = (Arc::new(AtomicUsize::new(0)), Arc::new(answer));
        let (sender, paths) = mpsc::channel();
        let server = Self { url, count: count.clone(), paths };
        thread::spawn(move || {
            for stream in listener.incoming().take(MOST_REQUESTS).flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let (answer, sender) = (answer.clone(), sender.clone());
                thread::spawn(move || {
                    serve(stream, |path| {
                        let _ = sender.send(path.to_owned());
                        answer(path)
                    })
                });
            }
        });
        server
    }

    /// How many requests there were so far.
    pub fn requests(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

/// Reads one request and answers it. Errors only mean that the client has hung up.
fn serve(stream: TcpStream, answer: impl Fn(&str) -> Answer) {
    let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    lines.find(String::is_empty);
    let path = first.split(' ').nth(1).unwrap_or_default();
    let _ = send(&stream, answer(path));
}

fn send(mut stream: &TcpStream, answer: Answer) -> std::io::Result<()> {
    let promise = |length: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    match answer {
        Answer::Whole(body) => {
            stream.write_all(promise(body.len()).as_bytes())?;
            stream.write_all(&body)
        }
        Answer::CutOff(body, bytes) => {
            stream.write_all(promise(body.len()).as_bytes())?;
            stream.write_all(&body[..bytes])
        }
        Answer::Stalled(body, bytes) => {
            stream.write_all(promise(body.len()).as_bytes())?;
            stream.write_all(&body[..bytes])?;
            wait_for_the_client(stream)
        }
        Answer::Drip(body, pause) => {
            stream.write_all(promise(body.len()).as_bytes())?;
            body.iter().try_for_each(|&byte| {
                thread::sleep(pause);
                stream.write_all(&[byte])
            })
        }
        Answer::Endless(piece) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            loop {
                stream.write_all(&piece)?;
            }
        }
        Answer::NotFound => stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
        Answer::Silent => wait_for_the_client(stream),
    }
}

/// Holds the connection until the client gives up.
fn wait_for_the_client(stream: &TcpStream) -> std::io::Result<()> {
    BufReader::new(stream).lines().for_each(drop);
    Ok(())
}
