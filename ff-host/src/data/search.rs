//! Where a data set's files may be, and what is there.

use std::fmt::{self, Display};
use std::path::{Path, PathBuf};

use super::own;
use super::published::{FILES, IdxFile, Kind, Published};
use super::read::idx::{is_idx, key};
use super::read::source::start;
use super::{DataError, DatasetName, Finding, Progress, Request, idx};

/// A folder where a data set's four files may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The folder.
    pub folder: PathBuf,
    /// Who answers for what is in it.
    pub owner: Owner,
}

/// Who answers for the contents of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The user named it, and may keep own data there; what is broken in it is an error.
    User,
    /// A download or a package put the published files there, and nothing else is accepted.
    Publisher,
}

/// Where a search for a data set ended.
#[derive(Debug)]
pub(super) enum Found {
    /// Four files of the published form.
    Files(Files),
    /// A folder of the user's with whole IDX files of another form: other sizes, counts or classes.
    Folder(PathBuf),
    /// What was found instead in each of the places.
    Nothing(Vec<Finding>),
}

/// Four checked files.
#[derive(Debug)]
pub struct Files {
    /// Where they were found.
    pub folder: PathBuf,
    /// Their decompressed bytes, in the order of [`FILES`].
    pub(super) bytes: [Vec<u8>; 4],
}

/// What is in a place.
#[derive(Debug)]
pub enum Contents {
    /// The published files, by their checksums.
    Published(Files),
    /// Well-formed files that nobody published under this name.
    Own(Files),
    /// The published files of another data set.
    Another(DatasetName),
    /// Some of the files, but not these.
    Incomplete(Vec<&'static str>),
    /// None of the files.
    Nothing,
    /// A file that cannot be used.
    Bad(DataError),
}

impl Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Published(_) => f.write_str("the published files (SHA-256 verified)"),
            Self::Own(_) => f.write_str("not the published files (their SHA-256 differs)"),
            Self::Another(dataset) => write!(f, "holds {dataset} instead"),
            Self::Incomplete(missing) => write!(f, "lacks {}", missing.join(", ")),
            Self::Nothing => f.write_str("none of the files"),
            Self::Bad(error) => write!(f, "{error}"),
        }
    }
}

/// Every folder where the files of a data set may be, in the order of search. In a folder of the
/// user, a subfolder with the data set's name goes before the folder itself.
#[must_use]
pub fn places(request: &Request, published: &Published) -> Vec<Place> {
    let name = published.dataset.as_str();
    let user = request.folders.iter().flat_map(|folder| [folder.join(name), folder.clone()]);
    let cache = request.cache.iter().map(|cache| cache.join(name));
    let system = published.system.map(PathBuf::from);
    let user = user.map(|folder| Place { folder, owner: Owner::User });
    let publisher = cache.chain(system);
    user.chain(publisher.map(|folder| Place { folder, owner: Owner::Publisher })).collect()
}

/// What is in each place of a data set: for a list, nothing is downloaded.
///
/// # Errors
/// [`DataError::NoFolder`] where a folder that the user named does not exist.
pub fn survey(request: &Request, table: &[Published]) -> Result<Vec<(Place, Contents)>, DataError> {
    check_folders(request)?;
    let Some(published) = entry(request.dataset, table) else { return Ok(Vec::new()) };
    let inspect = |place: Place| {
        let contents = inspect(&place.folder, published, table);
        (place, contents)
    };
    Ok(places(request, published).into_iter().map(inspect).collect())
}

/// A folder that the user named but that does not exist is a slip of the pen, not an empty folder.
fn check_folders(request: &Request) -> Result<(), DataError> {
    match request.folders.iter().find(|folder| !folder.is_dir()) {
        Some(missing) => Err(DataError::NoFolder(missing.clone())),
        None => Ok(()),
    }
}

/// A data set's entry in the table of published files.
pub(super) fn entry(dataset: DatasetName, table: &[Published]) -> Option<&Published> {
    table.iter().find(|published| published.dataset == dataset)
}

/// The first place that holds the data set, or else what was found instead in each of them.
pub(super) fn find(request: &Request, table: &[Published], progress: &mut dyn Progress) -> Result<Found, DataError> {
    check_folders(request)?;
    let mut findings = Vec::new();
    let Some(published) = entry(request.dataset, table) else { return Ok(Found::Nothing(findings)) };
    let named = request.folders.first().filter(|_| request.must_be_in_first);
    for Place { folder, owner } in places(request, published) {
        let contents = inspect(&folder, published, table);
        let finding = Finding { place: folder.display().to_string(), found: contents.to_string() };
        match (contents, owner) {
            (Contents::Published(files), _) => return Ok(Found::Files(files)),
            (Contents::Own(files), Owner::User) => {
                progress.notice(&format!("{finding}; they are well formed, and are used"));
                return Ok(Found::Files(files));
            }
            (Contents::Bad(error), Owner::User) if are_idx(&folder) && own::is_whole(&folder) => {
                progress.notice(&format!("{error}; as own data it is well formed, and is used"));
                return Ok(Found::Folder(folder));
            }
            (Contents::Bad(error), Owner::User) => return Err(error),
            (Contents::Nothing, _) => {}
            _ => progress.notice(&format!("{finding}; looking further")),
        }
        findings.push(finding);
        // Its own folder comes behind the one in it with the data set's name.
        if let Some(named) = named.filter(|named| **named == folder) {
            return Err(DataError::NothingThere { folder: named.clone(), dataset: request.dataset });
        }
    }
    Ok(Found::Nothing(findings))
}

/// Reads and checks whatever is in a folder.
pub(super) fn inspect(folder: &Path, published: &Published, table: &[Published]) -> Contents {
    let paths = FILES.each_ref().map(|file| path_in(folder, file));
    let missing: Vec<_> = FILES.iter().zip(&paths).filter(|(_, path)| path.is_none()).collect();
    if missing.len() == FILES.len() {
        return Contents::Nothing;
    }
    if !missing.is_empty() {
        return Contents::Incomplete(missing.into_iter().map(|(file, _)| file.name).collect());
    }
    let mut checked = Vec::new();
    for (path, file) in paths.iter().flatten().zip(&FILES) {
        match idx::read(path, file) {
            Ok(file) => checked.push(file),
            Err(error) => return Contents::Bad(error),
        }
    }
    identify(folder, checked, published, table)
}

/// Says whose files four checked ones are. One file of another data set is enough to tell it.
fn identify(folder: &Path, checked: Vec<idx::Checked>, published: &Published, table: &[Published]) -> Contents {
    let is_of = |other: &Published| checked.iter().zip(other.sha256).any(|(c, sum)| c.sha256 == sum);
    let others = table.iter().filter(|other| other.dataset != published.dataset);
    if let Some(other) = others.into_iter().find(|other| is_of(other)) {
        return Contents::Another(other.dataset);
    }
    let authentic = checked.iter().zip(published.sha256).all(|(c, sum)| c.sha256 == sum);
    let mut bytes = checked.into_iter().map(|checked| checked.bytes);
    let bytes = std::array::from_fn(|_| bytes.next().unwrap_or_default());
    let files = Files { folder: folder.to_owned(), bytes };
    if authentic { Contents::Published(files) } else { Contents::Own(files) }
}

/// Whether all four files are IDX files, those of images with more dimensions than those of labels.
fn are_idx(folder: &Path) -> bool {
    let is_one = |start: &[u8], file: &IdxFile| is_idx(start) && (start[3] > 2) == (file.kind == Kind::Images);
    FILES
        .iter()
        .all(|file| path_in(folder, file).is_some_and(|path| start(&path).is_ok_and(|start| is_one(&start, file))))
}

/// The file in a folder, plain or compressed.
///
/// Unpacking tools and people write the names in several ways, such as `train-images.idx3-ubyte`.
fn path_in(folder: &Path, file: &IdxFile) -> Option<PathBuf> {
    let names = [file.name.to_owned(), format!("{}.gz", file.name)];
    let exact = names.into_iter().map(|name| folder.join(name)).find(|path| path.is_file());
    exact.or_else(|| {
        let is_alike =
            |path: &PathBuf| path.file_name().is_some_and(|name| key(&name.to_string_lossy()) == key(file.name));
        let mut alike: Vec<PathBuf> = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
        alike.sort();
        alike.into_iter().find(|path| path.is_file() && is_alike(path))
    })
}
