//! Measurements and published simulations that simulated activity is compared with; the network does
//! not depend on them.

use super::matrices::{Layout, area_matrix};
use super::sheet::{Allowed, Sheet};
use super::source::Source;
use super::tables::side;
use super::{AnatomyError, TableError};
use crate::model::anatomy::Anatomy;
use ndarray::Array2;

const SPIKING_FILE: &str = "minxha_2020_spiking_quantiles.csv";
const CHI_FILE: &str = "pronold_2024_chi.csv";
const CHI_COLUMNS: [&str; 8] = [
    "chi",
    "one_minus_ks_rates",
    "one_minus_ks_cv",
    "one_minus_ks_lvr",
    "fc_similarity_lh_corrcoef_true",
    "fc_similarity_lh_corrcoef_false",
    "fc_similarity_rh_corrcoef_true",
    "fc_similarity_rh_corrcoef_false",
];

/// Distributions over single neurons of human medial frontal cortex, amygdala and hippocampus in
/// trials of 2 s (Minxha et al. 2020, doi:10.1126/science.aba3313), as quantiles in rising order.
#[derive(Debug, Clone, PartialEq)]
pub struct SpikingQuantiles {
    /// Which quantile each entry is, in [0, 1].
    pub quantile: Vec<f64>,
    /// Firing rate, 1/s, in trials with at least one spike.
    pub rate_hz: Vec<f64>,
    /// Coefficient of variation of interspike intervals, in trials with at least 10 spikes.
    pub cv_isi: Vec<f64>,
    /// Revised local variation LvR, in the same trials.
    pub lvr: Vec<f64>,
}

/// Similarity of the full-scale model to experiment as χ rises (Pronold et al. 2024,
/// doi:10.1093/cercor/bhae409); each entry is of one χ.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedChi {
    /// χ.
    pub chi: Vec<f64>,
    /// 1 − KS distance of rates.
    pub rate: Vec<f64>,
    /// 1 − KS distance of CV, of trains with more than 10 spikes.
    pub cv_isi: Vec<f64>,
    /// 1 − KS distance of LvR, of the same trains.
    pub lvr: Vec<f64>,
    /// Correlation with the functional connectivity of the left hemisphere that the paper measured.
    pub fmri_left: Vec<f64>,
    /// The same of the right hemisphere.
    pub fmri_right: Vec<f64>,
}

/// Resting-state fMRI correlation between areas in the hemisphere of `anatomy`, shape [34, 34],
/// symmetric with diagonal 1 (Human Connectome Project by way of Larivière et al. 2021,
/// doi:10.1038/s41592-021-01186-4).
///
/// # Errors
/// [`AnatomyError::Tables`] with everything that is wrong with the table.
pub fn functional_connectivity(anatomy: &Anatomy) -> Result<Array2<f64>, AnatomyError> {
    let file = format!("hcp_functional_connectivity_{}.csv", side(anatomy.hemisphere));
    let layout = Layout { corner: "area", allowed: Allowed::Correlation, diagonal: Allowed::One };
    read(anatomy, &file, |name, text, problems| area_matrix(name, text, layout, problems))
}

impl SpikingQuantiles {
    /// Reads the table, from the folder of `anatomy` where it is there.
    ///
    /// # Errors
    /// [`AnatomyError::Tables`] with everything that is wrong with the table.
    pub fn load(anatomy: &Anatomy) -> Result<Self, AnatomyError> {
        read(anatomy, SPIKING_FILE, |name, text, problems| {
            let sheet = Sheet::read(name, text, &["quantile", "rate_hz", "cv_isi", "lvr"], problems)?;
            let mut column = |column: usize, allowed| {
                sheet.numbers(column..column + 1, allowed, problems).into_iter().collect::<Vec<f64>>()
            };
            Some(Self {
                quantile: column(0, Allowed::Fraction),
                rate_hz: column(1, Allowed::NonNegative),
                cv_isi: column(2, Allowed::NonNegative),
                lvr: column(3, Allowed::NonNegative),
            })
        })
    }
}

impl PublishedChi {
    /// Reads the table, from the folder of `anatomy` where it is there.
    ///
    /// # Errors
    /// [`AnatomyError::Tables`] with everything that is wrong with the table.
    pub fn load(anatomy: &Anatomy) -> Result<Self, AnatomyError> {
        read(anatomy, CHI_FILE, |name, text, problems| {
            let sheet = Sheet::read(name, text, &CHI_COLUMNS, problems)?;
            let mut column = |column: usize, allowed| {
                sheet.numbers(column..column + 1, allowed, problems).into_iter().collect::<Vec<f64>>()
            };
            Some(Self {
                chi: column(0, Allowed::NonNegative),
                rate: column(1, Allowed::Fraction),
                cv_isi: column(2, Allowed::Fraction),
                lvr: column(3, Allowed::Fraction),
                fmri_left: column(4, Allowed::Correlation),
                fmri_right: column(6, Allowed::Correlation),
            })
        })
    }
}

fn read<T>(
    anatomy: &Anatomy,
    file: &str,
    parse: impl FnOnce(&str, &str, &mut Vec<TableError>) -> Option<T>,
) -> Result<T, AnatomyError> {
    let mut problems = Vec::new();
    let mut source = Source::new(anatomy.tables.as_deref(), &mut problems);
    let table = source.table(file, &mut problems);
    let parsed = table.and_then(|(name, text)| parse(&name, &text, &mut problems));
    match parsed {
        Some(parsed) if problems.is_empty() => Ok(parsed),
        _ => Err(AnatomyError::Tables(problems)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::anatomy::{Anatomy, Hemisphere};

    #[test]
    fn both_hemispheres_have_their_own_functional_connectivity() {
        let [left, right] = [Hemisphere::Left, Hemisphere::Right].map(|hemisphere| {
            functional_connectivity(&Anatomy { hemisphere, ..Anatomy::default() }).unwrap()
        });
        assert_eq!(left[[0, 1]], 0.204618);
        assert_eq!(right[[0, 1]], 0.244535);
    }

    #[test]
    fn the_published_chi_fit_experiment_best_from_2_5_on() {
        let published = PublishedChi::load(&Anatomy::default()).unwrap();
        assert_eq!((published.chi[0], published.chi[18]), (0.0, 3.0));
        assert!(published.chi.is_sorted());
        let at = published.chi.iter().position(|&chi| chi == 2.5).unwrap();
        assert_eq!(
            (published.lvr[at], published.fmri_left[at], published.fmri_right[at]),
            (0.954596, 0.386944, 0.34705)
        );
        assert!(published.lvr[..at].iter().all(|&lvr| lvr < 0.5));
    }

    #[test]
    fn quantiles_rise_from_0_to_1() {
        let quantiles = SpikingQuantiles::load(&Anatomy::default()).unwrap();
        assert_eq!((quantiles.quantile[0], quantiles.quantile[1000]), (0.0, 1.0));
        for column in [&quantiles.quantile, &quantiles.rate_hz, &quantiles.cv_isi, &quantiles.lvr] {
            assert_eq!(column.len(), 1001);
            assert!(column.windows(2).all(|pair| pair[0] <= pair[1]));
        }
    }
}
