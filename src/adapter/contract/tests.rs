//! That the suite bites.

use std::collections::HashSet;

use super::*;

#[test]
fn names_of_cases_are_unique_and_many() {
    let names: HashSet<&str> = cases(Scope::Everything).map(Case::name).collect();
    assert_eq!(names.len(), cases(Scope::Everything).count());
    assert!(names.len() >= 60, "{}", names.len());
}
