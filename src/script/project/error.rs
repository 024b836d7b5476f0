//! Why a project could not be read, in words for the person who wrote it.

use std::io;
use std::path::PathBuf;

use crate::script::SyntaxError;

/// Why a project could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file that must be there cannot be read.
    #[error("read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The folder holds nothing that says what to run.
    #[error("find a project in {}: it has no wrangler.toml, wrangler.jsonc, wrangler.json, or package.json with \"main\"", path.display())]
    NoProject {
        /// The folder.
        path: PathBuf,
    },
    /// Environments are sections of a folder's configuration; a file has none.
    #[error("choose an environment: {} is a file, only a folder's wrangler configuration has environments", path.display())]
    NoEnvironments {
        /// The file.
        path: PathBuf,
    },
    /// The configuration is not what wrangler or Eyot understands.
    #[error("{file}:{line}:{column}: {message}")]
    Config {
        /// File name.
        file: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// The configuration asks for something that is not there.
    #[error("{file}: {message}")]
    Unsupported {
        /// File name.
        file: String,
        /// What, and what to do.
        message: String,
    },
    /// The code does not parse, or imports what is not there.
    #[error("{0}")]
    Syntax(#[from] SyntaxError),
    /// The code needs a bundler and the project has none.
    #[error("bundle {because}: run `npm install -D esbuild` in the project, or use `wrangler deploy`")]
    NoBundler {
        /// Which import asks for it.
        because: String,
    },
    /// The bundler refused the code.
    #[error("bundle with esbuild: {message}")]
    Bundler {
        /// What it printed.
        message: String,
    },
}
