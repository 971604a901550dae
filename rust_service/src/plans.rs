//! From a request's parameters to its answer, by the plan of the settings.

mod sequential;
mod single;

use axum::response::Response;

use crate::database::Database;
use crate::errors::Error;
use crate::parameters::Paging;
use crate::settings::Plan;

/// Answers requests by a plan, from a database.
#[derive(Debug)]
pub struct Planner {
    database: Database,
    plan: Plan,
}

impl Planner {
    pub fn new(database: Database, plan: Plan) -> Self {
        Self { database, plan }
    }

    /// The answer to GET /api/v1/recipes/{id}.
    pub async fn recipe(&self, key: &str, id: i64) -> Result<Response, Error> {
        match self.plan {
            Plan::Sequential => sequential::recipe(&self.database, key, id).await,
            Plan::Single => single::recipe(&self.database, key, id).await,
        }
    }

    /// The answer to GET /api/v1/recipes.
    pub async fn recipe_list(&self, key: &str, paging: &Paging) -> Result<Response, Error> {
        match self.plan {
            Plan::Sequential => sequential::recipe_list(&self.database, key, paging).await,
            Plan::Single => single::recipe_list(&self.database, key, paging).await,
        }
    }

    /// The answer to POST /api/v1/recipes/{id}/notes.
    pub async fn note_create(&self, key: &str, id: i64, text: &str) -> Result<Response, Error> {
        match self.plan {
            Plan::Sequential => sequential::note_create(&self.database, key, id, text).await,
            Plan::Single => single::note_create(&self.database, key, id, text).await,
        }
    }
}
