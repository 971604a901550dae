//! Why a value could not be encoded, on its way out to Python.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use rowjson_core::error::Malformed;
use rowjson_core::packed;
use rowjson_core::path::{Path, Step, Traced};

/// Small, for it is in every result of the encoder.
pub struct Error(Box<Fault>);

struct Fault {
    path: Path,
    problem: Problem,
}

enum Problem {
    /// A value without JSON.
    Unsupported(String),
    /// Rows that are not what their shape says.
    Rows(String),
    /// Packed rows that are not what their types say.
    Malformed(Malformed),
    /// What the caller's own code raised.
    Raised(PyErr),
}

impl Error {
    fn of(problem: Problem) -> Self {
        Self(Box::new(Fault { path: Path::default(), problem }))
    }

    #[cold]
    pub fn unsupported(what: impl Into<String>) -> Self {
        Self::of(Problem::Unsupported(what.into()))
    }

    #[cold]
    pub fn raised(error: PyErr) -> Self {
        Self::of(Problem::Raised(error))
    }

    /// The Python exception, which names the path.
    pub fn into_py(self, py: Python<'_>) -> PyErr {
        let Fault { path, problem } = *self.0;
        match problem {
            Problem::Unsupported(what) => PyTypeError::new_err(format!("{what}, at {path}")),
            Problem::Rows(what) => PyValueError::new_err(format!("{what}, at {path}")),
            Problem::Malformed(malformed) => {
                PyValueError::new_err(format!("malformed packed rows: {malformed}, at {path}"))
            }
            Problem::Raised(error) => {
                // The path is worth a line where notes exist, and no reason to lose the exception.
                let note = format!("while encoding {path}");
                let _ = error.value(py).call_method1("add_note", (note,));
                error
            }
        }
    }
}

impl Traced for Error {
    fn new(what: String) -> Self {
        Self::of(Problem::Rows(what))
    }

    fn under(mut self, step: Step) -> Self {
        self.0.path.enter(step);
        self
    }
}

impl From<packed::Error> for Error {
    fn from(error: packed::Error) -> Self {
        let packed::Finding { path, malformed } = error.into_finding();
        Self(Box::new(Fault { path, problem: Problem::Malformed(malformed) }))
    }
}

impl From<PyErr> for Error {
    fn from(error: PyErr) -> Self {
        Self::raised(error)
    }
}

/// What a message calls a value: its type's full name, without `builtins.`.
pub fn type_name(object: &Bound<'_, PyAny>) -> String {
    let ty = object.get_type();
    ty.fully_qualified_name()
        .map_or_else(|_| "object".into(), |name| name.to_string_lossy().into_owned())
}
