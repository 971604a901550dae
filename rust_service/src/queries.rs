//! The contract's statements, verbatim.

/// One statement of `contract/queries`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    ActiveTeams,
    Events,
    Ingredients,
    NoteCreate,
    NoteCreateSingle,
    NoteRecipe,
    Notes,
    NutritionRecipe,
    Reactions,
    Recipe,
    RecipeList,
    RecipeListSingle,
    RecipeRandom,
    RecipeSingle,
    Sections,
    Session,
    /// Not one of the contract's queries. No answer depends on it.
    SetTimeZone,
    Steps,
}

macro_rules! contract {
    ($name:literal) => {
        include_str!(concat!("../../contract/queries/", $name, ".sql"))
    };
}

impl Query {
    pub const fn sql(self) -> &'static str {
        match self {
            Self::ActiveTeams => contract!("active_teams"),
            Self::Events => contract!("events"),
            Self::Ingredients => contract!("ingredients"),
            Self::NoteCreate => contract!("note_create"),
            Self::NoteCreateSingle => contract!("note_create_single"),
            Self::NoteRecipe => contract!("note_recipe"),
            Self::Notes => contract!("notes"),
            Self::NutritionRecipe => contract!("nutrition_recipe"),
            Self::Reactions => contract!("reactions"),
            Self::Recipe => contract!("recipe"),
            Self::RecipeList => contract!("recipe_list"),
            Self::RecipeListSingle => contract!("recipe_list_single"),
            Self::RecipeRandom => contract!("recipe_random"),
            Self::RecipeSingle => contract!("recipe_single"),
            Self::Sections => contract!("sections"),
            Self::Session => contract!("session"),
            Self::SetTimeZone => "SET TIME ZONE 'UTC'",
            Self::Steps => contract!("steps"),
        }
    }
}
