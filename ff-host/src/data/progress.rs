//! What a load tells while it runs.

/// Hears what a load does. Every method does nothing unless it is overridden.
pub trait Progress {
    /// Something that the user should know, but that does not stop the load.
    fn notice(&mut self, text: &str) {
        let _ = text;
    }

    /// A download goes on: `received` bytes of `file`, of `total` where the server tells it.
    fn download(&mut self, file: &str, received: u64, total: Option<u64>) {
        let _ = (file, received, total);
    }

    /// The download of a file has ended, well or badly.
    fn download_ended(&mut self) {}
}

/// Nobody listens.
pub struct Silent;

impl Progress for Silent {}
