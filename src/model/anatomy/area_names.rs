//! Which area is meant by a name that none has.

use super::embedded;
use super::slots::AREAS;
use crate::telling::nearest;

/// Names of the field for an area, or for a function that lies in it (Desikan et al. 2006,
/// doi:10.1016/j.neuroimage.2006.01.021; the fusiform face area and Broca's area by their places).
const OF_THE_FIELD: [(&str, &str); 19] = [
    ("v1", "pericalcarine"),
    ("ba17", "pericalcarine"),
    ("calcarine", "pericalcarine"),
    ("a1", "transversetemporal"),
    ("heschl", "transversetemporal"),
    ("s1", "postcentral"),
    ("m1", "precentral"),
    ("acc", "caudalanteriorcingulate"),
    ("pcc", "posteriorcingulate"),
    ("sts", "bankssts"),
    ("stg", "superiortemporal"),
    ("mtg", "middletemporal"),
    ("itg", "inferiortemporal"),
    ("ffa", "fusiform"),
    ("broca", "parsopercularis"),
    ("ipl", "inferiorparietal"),
    ("spl", "superiorparietal"),
    ("smg", "supramarginal"),
    ("ofc", "lateralorbitofrontal"),
];
/// What stands before names of areas where both hemispheres have them.
const HEMISPHERES: [&str; 5] = ["ctx", "lh", "rh", "left", "right"];

/// The area that `name` means: [`area_called`] so, or else the one most like it.
pub fn area_meant(name: &str) -> &'static str {
    area_called(name).or_else(|| nearest(&letters(name), AREAS)).unwrap_or_default()
}

/// The area that is called `name`: by its letters, by a name of the field or by the abbreviation in the tables.
pub fn area_called(name: &str) -> Option<&'static str> {
    let letters = letters(name);
    let is_meant = |area: &&&str| **area == letters;
    let of_the_field = || OF_THE_FIELD.iter().find(|(other, _)| *other == letters).map(|(_, area)| *area);
    AREAS.iter().find(is_meant).copied().or_else(of_the_field).or_else(|| abbreviated(&letters))
}

/// Small letters and digits of a name, without a hemisphere.
fn letters(name: &str) -> String {
    let lower = name.to_lowercase();
    let parts = lower.split(|c: char| !c.is_alphanumeric());
    parts.filter(|part| !HEMISPHERES.contains(part)).collect()
}

/// The area with that abbreviation in the table of areas.
fn abbreviated(letters: &str) -> Option<&'static str> {
    let rows = embedded::table("desikan_killiany_areas.csv")?.lines().skip(1);
    let columns =
        rows.filter_map(|row| row.split_once(',')?.1.split_once(',').map(|(short, _)| (row, short)));
    let area = columns.into_iter().find(|(_, short)| short.to_lowercase() == letters)?.0.split(',').next()?;
    AREAS.iter().find(|known| **known == area).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_field_and_other_spellings_lead_to_areas() {
        for (name, area) in [
            ("V1", "pericalcarine"),
            ("rh.V1", "pericalcarine"),
            ("ctx-lh-cuneus", "cuneus"),
            ("Caudal anterior cingulate", "caudalanteriorcingulate"),
            ("FUS", "fusiform"),
            ("bstS", "bankssts"),
            ("cuneuss", "cuneus"),
        ] {
            assert_eq!(area_meant(name), area, "{name}");
        }
        assert!(OF_THE_FIELD.iter().all(|(_, area)| AREAS.contains(area)));
        assert!(AREAS.iter().all(|area| area_meant(area) == *area));
    }
}
