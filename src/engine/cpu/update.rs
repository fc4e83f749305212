//! The update of neurons: one kernel, written once over vectors of any width, and the same
//! integers from each. The arithmetic is that of [`step_neuron`].

use crate::engine::Watched;
use crate::engine::fixed_point::{
    CURRENT_LIMIT, NeuronClass, REFRACTORY, REFRACTORY_END, ROUNDING_NEURONS, StepRounding, V_M_LIMIT,
    step_neuron,
};
use crate::engine::vector::{MOST_LANES, Vector};
use std::ops::Range;

/// Parameters that neurons have each for themselves: the factors and thresholds of their classes,
/// structure of arrays. What else is in a class they share.
pub(super) struct OwnColumns {
    leak: Vec<i32>,
    current_ex_to_v_m: Vec<i32>,
    current_in_to_v_m: Vec<i32>,
    v_th: Vec<i32>,
}

impl OwnColumns {
    pub(super) fn of(classes: &[NeuronClass]) -> Self {
        let column = |value: fn(&NeuronClass) -> i32| classes.iter().map(value).collect();
        Self {
            leak: column(|class| class.leak),
            current_ex_to_v_m: column(|class| class.current_ex_to_v_m),
            current_in_to_v_m: column(|class| class.current_in_to_v_m),
            v_th: column(|class| class.v_th),
        }
    }

    pub(super) fn all(&self) -> Own<'_> {
        let Self { leak, current_ex_to_v_m, current_in_to_v_m, v_th } = self;
        Own { leak, current_ex_to_v_m, current_in_to_v_m, v_th }
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> u64 {
        (size_of::<[i32; 4]>() * self.leak.len()) as u64
    }
}

/// Some of the neurons of [`OwnColumns`].
#[derive(Clone, Copy)]
pub(super) struct Own<'a> {
    leak: &'a [i32],
    current_ex_to_v_m: &'a [i32],
    current_in_to_v_m: &'a [i32],
    v_th: &'a [i32],
}

impl<'a> Own<'a> {
    fn range(self, neurons: Range<usize>) -> Self {
        Self {
            leak: &self.leak[neurons.clone()],
            current_ex_to_v_m: &self.current_ex_to_v_m[neurons.clone()],
            current_in_to_v_m: &self.current_in_to_v_m[neurons.clone()],
            v_th: &self.v_th[neurons],
        }
    }

    /// The class of one of the neurons, with the rest from `shared`.
    fn class(&self, neuron: usize, shared: &NeuronClass) -> NeuronClass {
        NeuronClass {
            leak: self.leak[neuron],
            current_ex_to_v_m: self.current_ex_to_v_m[neuron],
            current_in_to_v_m: self.current_in_to_v_m[neuron],
            v_th: self.v_th[neuron],
            ..*shared
        }
    }
}

/// Contiguous neurons, structure of arrays.
pub(super) struct Lanes<'a> {
    /// The class of all of them, or what they share.
    pub(super) class: &'a NeuronClass,
    pub(super) own: Option<Own<'a>>,
    /// First neuron, counted through the network.
    pub(super) first_neuron: u32,
    pub(super) dc: &'a [i32],
    pub(super) v_m: &'a mut [i32],
    pub(super) current: &'a mut [i32],
    /// Sums of what arrives in this step, in the format of currents.
    pub(super) arrivals: &'a [i32],
}

/// Inhibitory currents and arrivals, where they are separate.
pub(super) struct Inhibitory<'a> {
    pub(super) current: &'a mut [i32],
    pub(super) arrivals: &'a [i32],
}

impl<'a> Inhibitory<'a> {
    /// Those of the neurons from `start` on.
    fn from(self, start: usize) -> Self {
        Self { current: &mut self.current[start..], arrivals: &self.arrivals[start..] }
    }
}

/// First value that left its range: what, and of which neuron.
pub(super) type FirstFault = Option<(Watched, u32)>;

/// Neurons of a block, after which spikes are collected; small enough to stay in the first cache.
const BLOCK: usize = 256;

/// [`step_neuron`] for `V::LANES` neurons at a time, and one by one for the rest.
///
/// # Safety
/// The caller is compiled for the instructions of `V`.
#[inline(always)]
pub(super) unsafe fn update_vectors<V: Vector>(
    lanes: Lanes<'_>,
    inhibitory: Option<Inhibitory<'_>>,
    rounding: StepRounding,
    spikes: &mut Vec<u32>,
) -> FirstFault {
    // SAFETY: by the function's contract.
    unsafe {
        match inhibitory.is_some() {
            true => update_currents::<V, true>(lanes, inhibitory, rounding, spikes),
            false => update_currents::<V, false>(lanes, inhibitory, rounding, spikes),
        }
    }
}

/// The same, of neurons with two currents or with one.
///
/// # Safety
/// As [`update_vectors`].
#[inline(always)]
unsafe fn update_currents<V: Vector, const TWO: bool>(
    lanes: Lanes<'_>,
    mut inhibitory: Option<Inhibitory<'_>>,
    rounding: StepRounding,
    spikes: &mut Vec<u32>,
) -> FirstFault {
    let Lanes { class, own, first_neuron, dc, v_m, current, arrivals } = lanes;
    let n = v_m.len();
    assert!(dc.len() == n && current.len() == n && arrivals.len() == n);
    let fits = |second: &Inhibitory<'_>| second.current.len() == n && second.arrivals.len() == n;
    assert!(inhibitory.as_ref().map(fits) == TWO.then_some(true));
    let whole = n / V::LANES * V::LANES;
    let mut fault = None;
    let mut masks = [0u16; BLOCK / 4];
    for start in (0..whole).step_by(BLOCK) {
        let block = start..whole.min(start + BLOCK);
        let vectors = block.len() / V::LANES;
        let pointers = Pointers {
            dc: dc[block.clone()].as_ptr(),
            v_m: v_m[block.clone()].as_mut_ptr(),
            current: current[block.clone()].as_mut_ptr(),
            arrivals: arrivals[block.clone()].as_ptr(),
            second: inhibitory.as_mut().map(|second| {
                (second.current[block.clone()].as_mut_ptr(), second.arrivals[block.clone()].as_ptr())
            }),
        };
        let (masks, rounding) = (&mut masks[..vectors], (rounding, first_neuron));
        // SAFETY: the caller has the instructions, and all pointers lead to `vectors` vectors.
        let in_range = unsafe {
            match own.map(|own| own.range(block.clone())) {
                None => {
                    let shared = [class.leak, class.current_ex_to_v_m, class.current_in_to_v_m, class.v_th];
                    update_block::<V, TWO>(class, |_| shared.map(|x| V::splat(x)), rounding, pointers, masks)
                }
                Some(own) => {
                    let columns = [own.leak, own.current_ex_to_v_m, own.current_in_to_v_m, own.v_th];
                    let parameters = |k| columns.map(|column| V::load(column[k..k + V::LANES].as_ptr()));
                    update_block::<V, TWO>(class, parameters, rounding, pointers, masks)
                }
            }
        };
        let first_neuron = first_neuron + start as u32;
        if !in_range && fault.is_none() {
            let second = inhibitory.as_ref().map(|second| &second.current[block.clone()]);
            fault = find_fault(&v_m[block.clone()], &current[block.clone()], second, first_neuron);
        }
        for (vector, &mask) in (0..).zip(&*masks) {
            let mut mask = u32::from(mask);
            while mask != 0 {
                spikes.push(first_neuron + vector * V::LANES as u32 + mask.trailing_zeros());
                mask &= mask - 1;
            }
        }
    }
    let rest = Lanes {
        class,
        own: own.map(|own| own.range(whole..n)),
        first_neuron: first_neuron + whole as u32,
        dc: &dc[whole..],
        v_m: &mut v_m[whole..],
        current: &mut current[whole..],
        arrivals: &arrivals[whole..],
    };
    let rest = update_each(rest, inhibitory.map(|second| second.from(whole)), rounding, spikes);
    fault.or(rest)
}

/// Most vectors after which the offsets of rounding repeat: four neurons each.
const MAX_VECTORS: usize = ROUNDING_NEURONS as usize / 4;

/// What is added before rounding down, for the neurons of a vector.
struct Offsets<V> {
    /// To products, 64-bit: of the even lanes and of the odd ones.
    wide: [V; 2],
    /// To the DC input.
    dc: V,
}

impl<V: Vector> Offsets<V> {
    /// Those of the neurons from `first` on.
    ///
    /// # Safety
    /// The caller is compiled for the instructions of `V`.
    #[inline(always)]
    unsafe fn new(rounding: StepRounding, first: u32) -> Self {
        const OF_LANES: [i32; MOST_LANES] = {
            let mut of_lanes = [0; MOST_LANES];
            let mut lane = 0;
            while lane < MOST_LANES {
                of_lanes[lane] = (lane as u32).wrapping_mul(StepRounding::APART) as i32;
                lane += 1;
            }
            of_lanes
        };
        // SAFETY: by the function's contract; no vector has more lanes.
        unsafe {
            let offset = V::splat(rounding.offset_of(first) as i32).add(V::load(OF_LANES.as_ptr()));
            Self { wide: offset.wide(), dc: offset.shift_right_unsigned(u32::BITS - rounding.dc_shift) }
        }
    }

    /// Those of the vectors from neuron `first` on, until they repeat. No closure makes them: it would not be
    /// compiled for the instructions of `V`.
    ///
    /// # Safety
    /// The caller is compiled for the instructions of `V`.
    #[inline(always)]
    unsafe fn all(rounding: StepRounding, first: u32) -> [Self; MAX_VECTORS] {
        let n = V::LANES as u32;
        // SAFETY: by the function's contract.
        unsafe {
            [
                Self::new(rounding, first),
                Self::new(rounding, first + n),
                Self::new(rounding, first + 2 * n),
                Self::new(rounding, first + 3 * n),
            ]
        }
    }
}

/// Where a block's values lie.
struct Pointers {
    dc: *const i32,
    v_m: *mut i32,
    current: *mut i32,
    arrivals: *const i32,
    /// Inhibitory currents and arrivals, where they are separate.
    second: Option<(*mut i32, *const i32)>,
}

/// Updates one vector of neurons for each of `masks`, which receive a bit for each spike; leaves
/// the arrivals. `parameters` are leak, factors of both currents and threshold of the neurons from an index on.
/// Returns whether all values stayed in their ranges.
///
/// # Safety
/// The caller is compiled for the instructions of `V`; the pointers lead to as many vectors, and those of the second
/// current are there if there are `TWO`.
#[inline(always)]
unsafe fn update_block<V: Vector, const TWO: bool>(
    class: &NeuronClass,
    parameters: impl Fn(usize) -> [V; 4],
    (rounding, first_neuron): (StepRounding, u32),
    pointers: Pointers,
    masks: &mut [u16],
) -> bool {
    // SAFETY: by the function's contract.
    unsafe {
        let all = |x: i32| V::splat(x);
        let (decay, v_reset, after) = (all(class.decay_ex), all(class.v_reset), all(class.v_after_spike));
        let (decay_in, no_current) = (all(class.decay_in), (std::ptr::null_mut(), std::ptr::null()));
        let (current_in, arrivals_in) = pointers.second.unwrap_or(no_current);
        let offsets = Offsets::<V>::all(rounding, first_neuron);
        let mut tripped = all(0);
        for (vector, mask) in masks.iter_mut().enumerate() {
            let k = vector * V::LANES;
            let (v, i) = (V::load(pointers.v_m.add(k)), V::load(pointers.current.add(k)));
            let (arrived, dc) = (V::load(pointers.arrivals.add(k)), V::load(pointers.dc.add(k)));
            let [leak, p21, p21_in, v_th] = parameters(k);
            // The offsets of neurons repeat.
            let offsets = &offsets[vector % (ROUNDING_NEURONS as usize / V::LANES)];

            let refractory = v.less(all(REFRACTORY_END));
            let dc = dc.add(offsets.dc).shift_right(rounding.dc_shift);
            let mut sums = offsets.wide;
            let mut far_current = all(0);
            if TWO {
                let i_in = V::load(current_in.add(k));
                sums = V::add_product(sums, i_in, p21_in);
                let i_in = i_in.sub(V::high_of_product(i_in, decay_in, offsets.wide));
                let i_in = i_in.add(V::load(arrivals_in.add(k)));
                V::store(current_in.add(k), i_in);
                far_current = i_in.add(all(CURRENT_LIMIT));
            }
            let updated = v.add(V::high_of_difference(i, p21, v, leak, sums)).add(dc);
            let counted = V::select(v.equal(all(REFRACTORY + 1)), v_reset, v.sub(all(1)));
            let i = i.sub(V::high_of_product(i, decay, offsets.wide)).add(arrived);
            let spiking = V::and_not(updated.not_less(v_th), refractory);
            V::store(pointers.v_m.add(k), V::select(spiking, after, V::select(refractory, counted, updated)));
            V::store(pointers.current.add(k), i);
            *mask = V::bits(spiking) as u16;

            let low = V::and_not(updated.less(all(V_M_LIMIT)), refractory);
            let far_current = i.add(all(CURRENT_LIMIT)).or(far_current).and(all(i32::MIN));
            tripped = V::select(low, all(-1), tripped.or(far_current));
        }
        tripped.is_zero()
    }
}

/// First neuron of a block whose values left their ranges.
#[cold]
fn find_fault(v_m: &[i32], current: &[i32], second: Option<&[i32]>, first_neuron: u32) -> FirstFault {
    let second = |k: usize| second.map_or(0, |second| second[k]);
    let fault =
        |k: usize| watch(v_m[k], [current[k], second(k)]).map(|watched| (watched, first_neuron + k as u32));
    (0..v_m.len()).find_map(fault)
}

/// One neuron after the other, with one or two currents.
pub(super) fn update_each(
    lanes: Lanes<'_>,
    mut inhibitory: Option<Inhibitory<'_>>,
    rounding: StepRounding,
    spikes: &mut Vec<u32>,
) -> FirstFault {
    let Lanes { class, own, first_neuron, dc, v_m, current, arrivals } = lanes;
    let mut fault = None;
    for k in 0..v_m.len() {
        let class = own.map_or(*class, |own| own.class(k, class));
        let mut arrived = [arrivals[k], 0];
        let mut currents = [current[k], 0];
        if let Some(inhibitory) = &mut inhibitory {
            arrived[1] = inhibitory.arrivals[k];
            currents[1] = inhibitory.current[k];
        }
        if step_neuron(&class, rounding, first_neuron + k as u32, dc[k], arrived, &mut v_m[k], &mut currents)
        {
            spikes.push(first_neuron + k as u32);
        }
        current[k] = currents[0];
        if let Some(inhibitory) = &mut inhibitory {
            inhibitory.current[k] = currents[1];
        }
        if fault.is_none() {
            fault = watch(v_m[k], currents).map(|w| (w, first_neuron + k as u32));
        }
    }
    fault
}

/// Whether a neuron's state after a step left its ranges; the potential comes first.
#[inline(always)]
fn watch(v_m: i32, current: [i32; 2]) -> Option<Watched> {
    let outside = |x: i32| !(-CURRENT_LIMIT..CURRENT_LIMIT).contains(&x);
    if (REFRACTORY_END..V_M_LIMIT).contains(&v_m) {
        Some(Watched::Potential)
    } else if outside(current[0]) | outside(current[1]) {
        Some(Watched::Current)
    } else {
        None
    }
}
