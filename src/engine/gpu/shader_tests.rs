//! The shaders against the host: structs, constants and bindings by reflection, and the generator
//! of random numbers on a device.

#[path = "../../../tests/fixtures/adapter.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
pub(crate) mod adapter;

use super::device::Device;
use super::kernels::{
    self, APPEND_HISTORY, Access, Bound, CURRENTS, DELIVER, DELIVER_PROCEDURAL, DRIVE, INJECT, Kernel,
    ROW_COUNTS, SUM_STATES, Source, UPDATE, put_together, same,
};
use super::layout::{
    BatchHeader, Blocks, Clock, InjectionHeader, PastSpike, Projection, RowPart, Shard, SourceDraws,
    SourcePopulation, StepCount, SumPart, Thresholds, Visit,
};
use super::pipelines;
use super::roles::CLOCKS;
use super::workgroups::{VisitGroups, Workgroups};
use super::{AdapterLimits, GpuOptions, WorkgroupSizes, fit};
use crate::engine::fixed_point::{
    Arithmetic, Arrival, DELAY_FRACTION_BITS, Entries, IntegerNetwork, NeuronClass, factor_words, quantile,
    scaled_draw,
};
use crate::engine::rng::{threefry, uniform_below};
use crate::engine::synapses::{StoredSynapse, Synapses};
use crate::model::network::{LifParameters, NetworkSpec, Population};
use naga::{AddressSpace, Module, StorageAccess, TypeInner};
use std::mem::offset_of;
use wgpu::util::DeviceExt;

pub(super) const KERNELS: [&Kernel; 9] = [
    &DRIVE,
    &UPDATE,
    &DELIVER,
    &ROW_COUNTS,
    &APPEND_HISTORY,
    &DELIVER_PROCEDURAL,
    &INJECT,
    &CURRENTS,
    &SUM_STATES,
];

pub(super) fn module(kernel: &Kernel, int64: bool) -> Module {
    naga::front::wgsl::parse_str(&kernel.source(int64)).unwrap_or_else(|e| panic!("{}: {e}", kernel.name))
}

/// Every shader, for devices without 64-bit integers and for those that have them.
fn modules() -> impl Iterator<Item = (&'static Kernel, Module)> {
    KERNELS.into_iter().flat_map(|kernel| [false, true].map(|int64| (kernel, module(kernel, int64))))
}

/// Size of a struct, and offset of each member by name.
type Layout = (u32, Vec<(&'static str, u32)>);

macro_rules! layout_of {
    ($host:ty { $($member:ident),+ }) => {
        (size_of::<$host>() as u32, vec![$((stringify!($member), offset_of!($host, $member) as u32)),+])
    };
}

/// The host's structs under the names that shaders give them. Those that end in a runtime-sized
/// array come without it.
fn host_structs() -> Vec<(&'static str, Layout)> {
    vec![
        (
            "NeuronClass",
            layout_of!(NeuronClass {
                leak,
                decay_ex,
                decay_in,
                current_ex_to_v_m,
                current_in_to_v_m,
                v_th,
                v_reset,
                v_after_spike
            }),
        ),
        ("Shard", layout_of!(Shard { neuron_class, first_neuron, neurons, lanes, slots })),
        ("Clock", layout_of!(Clock { step, slot, spikes })),
        ("StoredSynapse", layout_of!(StoredSynapse { address, weight })),
        ("Thresholds", layout_of!(Thresholds { start, of_blocks, of_steps, before, block_key, step_key })),
        ("Batch", layout_of!(BatchHeader { first_step })),
        ("CountedBatch", layout_of!(BatchHeader { first_step })),
        ("StepCount", layout_of!(StepCount { spikes, fault })),
        ("CountedStep", layout_of!(StepCount { spikes, fault })),
        ("PastSpike", layout_of!(PastSpike { neuron, step, population })),
        ("Visit", layout_of!(Visit { step, first, end, spike_groups, part_groups, one })),
        (
            "SourcePopulation",
            layout_of!(SourcePopulation { first_neuron, first_row, rows, first_part, parts }),
        ),
        ("RowPart", layout_of!(RowPart { projection, chunk, chunks })),
        (
            "Projection",
            layout_of!(Projection {
                key,
                synapses_key,
                neurons_key,
                synapses,
                column,
                targets,
                first_target,
                scaled_weight,
                sign,
                weight_table,
                scaled_delay,
                delay_table,
                shortest_delay,
                longest_delay
            }),
        ),
        (
            "SourceDraws",
            layout_of!(SourceDraws { key, sources, first_row, rows, first_block, last_block, last_draws }),
        ),
        ("Blocks", layout_of!(Blocks { first })),
        ("SumPart", layout_of!(SumPart { first, end, population, v_reset })),
        ("Arrival", layout_of!(Arrival { step, neuron, weight })),
        ("Injection", layout_of!(InjectionHeader { count })),
    ]
}

/// Whether `module` has a struct of that name with that layout; `None` without such a struct.
fn has_layout(module: &Module, name: &str, (size, members): &Layout) -> Option<bool> {
    let (_, found) = module.types.iter().find(|(_, t)| t.name.as_deref() == Some(name))?;
    let TypeInner::Struct { members: found, span } = &found.inner else { return Some(false) };
    let is_dynamic = |m: &naga::StructMember| match module.types[m.ty].inner {
        TypeInner::Array { size, .. } => size == naga::ArraySize::Dynamic,
        _ => false,
    };
    let fixed: Vec<_> = found.iter().filter(|m| !is_dynamic(m)).collect();
    let same_members = fixed.len() == members.len()
        && fixed
            .iter()
            .zip(members)
            .all(|(m, &(name, at))| m.name.as_deref() == Some(name) && m.offset == at);
    let same_size = match found.iter().find(|m| is_dynamic(m)) {
        Some(array) => array.offset == *size,
        None => span == size,
    };
    Some(same_members && same_size)
}

#[test]
fn host_and_shader_structs_have_the_same_layout() {
    for (name, layout) in host_structs() {
        let found: Vec<bool> = modules().filter_map(|(_, m)| has_layout(&m, name, &layout)).collect();
        assert!(!found.is_empty(), "no shader has a struct '{name}'");
        assert!(found.iter().all(|&same| same), "'{name}' differs between host and shader");
    }
}

#[test]
fn a_moved_member_is_seen() {
    let (size, mut members) = layout_of!(Clock { step, slot, spikes });
    members.swap(0, 1);
    assert_eq!(has_layout(&module(&UPDATE, false), "Clock", &(size, members)), Some(false));
    let longer = (size + 4, layout_of!(Clock { step, slot, spikes }).1);
    assert_eq!(has_layout(&module(&UPDATE, false), "Clock", &longer), Some(false));
}

#[test]
fn bindings_are_those_that_the_host_makes() {
    for (kernel, module) in modules() {
        let mut bound: Vec<(u32, Access)> = module
            .global_variables
            .iter()
            .filter_map(|(_, v)| {
                let access = match v.space {
                    AddressSpace::Uniform => Access::Uniform,
                    AddressSpace::Storage { access } if access.contains(StorageAccess::STORE) => {
                        Access::ReadWrite
                    }
                    _ => Access::Read,
                };
                v.binding.as_ref().map(|b| (b.binding, access))
            })
            .collect();
        bound.sort_by_key(|&(binding, _)| binding);
        let accesses = kernel.bindings.iter().map(|binding| binding.access);
        assert_eq!(bound, (0..).zip(accesses.clone()).collect::<Vec<_>>(), "{}", kernel.name);
        let (uniform, storage): (Vec<_>, Vec<_>) = accesses.partition(|&access| access == Access::Uniform);
        let (uniform, storage) = (uniform.len(), storage.len());
        assert!(uniform <= 12, "{} needs {uniform} uniform buffers, WebGPU grants 12", kernel.name);
        assert!(storage <= 8, "{} needs {storage} storage buffers, WebGPU grants 8", kernel.name);
    }
}

#[test]
fn a_buffer_is_made_for_what_shaders_do_with_it() {
    for binding in KERNELS.iter().flat_map(|kernel| kernel.bindings) {
        let role = match binding.buffer {
            Bound::Same(role) => role,
            Bound::ClockBefore | Bound::ClockAfter => CLOCKS[0],
        };
        let needed = match binding.access {
            Access::Uniform => wgpu::BufferUsages::UNIFORM,
            Access::Read | Access::ReadWrite => wgpu::BufferUsages::STORAGE,
        };
        assert!(role.declaration().usage.contains(needed), "{role:?}");
    }
}

#[test]
fn a_shader_has_a_twin_in_the_reference_engine_under_its_name() {
    let twins = [include_str!("../reference/neurons.rs"), include_str!("../reference/delivery.rs")].concat();
    for kernel in KERNELS {
        assert!(twins.contains(&format!("fn {}(", kernel.name)), "{}", kernel.name);
    }
}

#[test]
fn a_shader_has_one_entry_point_under_its_own_name() {
    for (kernel, module) in modules() {
        let names: Vec<_> = module.entry_points.into_iter().map(|e| e.name).collect();
        assert_eq!(names, [kernel.name]);
    }
}

/// Values of the constants for a network of one neuron.
pub(super) fn constants(sizes: WorkgroupSizes) -> Vec<(&'static str, f64)> {
    let spec = NetworkSpec::new(vec![Population::new("E", 1, LifParameters::default())], Vec::new());
    let network = IntegerNetwork::new(&spec, 0.1, 1, &Arithmetic::default()).expect("a network");
    let visits = VisitGroups {
        spikes_per_group: 1,
        max_groups: 65_535,
        wanted_groups: 1 << 14,
        min_part_groups: 1,
        max_part_groups: 16,
    };
    let limits = AdapterLimits { buffer_bytes: 1 << 31, binding_bytes: 1 << 31, workgroups: 65_535 };
    let plan = fit(&network, Synapses::PROCEDURAL, Some(1), &limits, &GpuOptions::default()).plan;
    pipelines::constants(&network, 1, &plan, Workgroups::of(sizes), visits)
}

#[test]
fn every_constant_that_shaders_leave_open_is_given_and_no_other() {
    let given = constants(WorkgroupSizes::Software);
    let mut given: Vec<String> = given.into_iter().map(|(name, _)| name.into()).collect();
    given.sort();
    for (kernel, module) in modules() {
        let mut open: Vec<String> = module.overrides.iter().filter_map(|(_, o)| o.name.clone()).collect();
        open.sort();
        assert_eq!(open, given, "{}", kernel.name);
    }
}

/// Draws from key and counter in `data`, and leaves the result there.
const THREEFRY_TEST: &str = "
@group(0) @binding(0) var<storage, read_write> data: array<vec2<u32>>;

@compute @workgroup_size(1)
fn draw(@builtin(workgroup_id) id: vec3<u32>) {
    data[2u * id.x] = threefry(data[2u * id.x], data[2u * id.x + 1u]);
}
";

#[test]
fn threefry_on_the_device_gives_the_published_known_answers() {
    let Some(adapter) = adapter::test_adapter() else { return };
    let device = Device::open(&adapter, true).expect("a device");
    // Random123 1.14, `tests/kat_vectors`, threefry2x32, 20 rounds: key, counter; then the answers.
    let mut draws = vec![
        [0, 0],
        [0, 0],
        [u32::MAX; 2],
        [u32::MAX; 2],
        [0x1319_8a2e, 0x0370_7344],
        [0x243f_6a88, 0x85a3_08d3],
    ];
    let known = [[0x6b20_0159, 0x99ba_4efe], [0x1cb9_96fc, 0xbb00_2be7], [0xc492_3a9c, 0x483d_f7a0]];
    draws.extend((0..200u32).map(|i| [i.wrapping_mul(0x9e37_79b9), i << 7]));
    let found = draw_on(&device, &[kernels::RNG, same(THREEFRY_TEST)], &draws);
    assert_eq!(found[..known.len()], known);
    let expected: Vec<_> = draws.chunks(2).map(|d| threefry(d[0], d[1])).collect();
    assert_eq!(found, expected);
}

/// What `scaled_draw` and `uniform_below` make of a pair, then the quantiles of a synapse's weight and delay that
/// `factor_words` chooses by it, from a table whose entries are multiples of a constant.
const DRAWS_TEST: &str = "
@group(0) @binding(0) var<storage, read_write> data: array<vec2<u32>>;

@compute @workgroup_size(1)
fn draw(@builtin(workgroup_id) id: vec3<u32>) {
    let pair = data[2u * id.x];
    if (data[2u * id.x + 1u].x == 0u) {
        data[2u * id.x] = vec2(scaled_draw(pair.x, pair.y, DELAY_FRACTION_BITS), uniform_below(pair.x, pair.y));
    } else {
        let words = factor_words(pair.x, pair.y);
        data[2u * id.x] = vec2(quantile(words.x), quantile(words.y));
    }
}

fn quantile(word: u32) -> u32 {
    let place = quantile_place(word);
    return quantile_within(quantile_cell(place) * 0x9e3779b9u, place);
}
";

#[test]
fn draws_on_the_device_are_those_of_the_host() {
    let Some(adapter) = adapter::test_adapter() else { return };
    let ends = [0, 1, 2, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, u32::MAX];
    let mut pairs: Vec<[u32; 2]> = ends.iter().flat_map(|&a| ends.map(|b| [a, b])).collect();
    pairs.extend((0..1000).map(|i| threefry([1, 2], [i, 0])));
    let draws = |&[a, b]: &[u32; 2]| [scaled_draw(a, b, DELAY_FRACTION_BITS), uniform_below(a, b)];
    let entries: Box<Entries> = Box::new(std::array::from_fn(|cell| (cell as u32).wrapping_mul(0x9e37_79b9)));
    let quantiles = |&[a, b]: &[u32; 2]| factor_words(a, b).map(|word| quantile(&entries, word));
    let expected: Vec<_> = pairs.iter().map(draws).chain(pairs.iter().map(quantiles)).collect();
    let data: Vec<_> =
        [0, 1].iter().flat_map(|&kind| pairs.iter().flat_map(move |&pair| [pair, [kind, 0]])).collect();
    let sources = [kernels::WORDS, kernels::WIDE, kernels::DRAWS, same(DRAWS_TEST)];
    for int64 in [false, true] {
        let device = Device::open(&adapter, int64).expect("a device");
        assert_eq!(draw_on(&device, &sources, &data), expected, "64-bit integers: {}", device.int64);
    }
}

/// The first of every two pairs as the entry point `draw` leaves it.
pub(super) fn draw_on(device: &Device, sources: &[Source], draws: &[[u32; 2]]) -> Vec<[u32; 2]> {
    let Device { device: gpu, queue, int64, .. } = device;
    let module = gpu.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: None,
        source: wgpu::ShaderSource::Wgsl(put_together(sources, *int64).into()),
    });
    let pipeline = gpu.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: None,
        layout: None,
        module: &module,
        entry_point: Some("draw"),
        compilation_options: Default::default(),
        cache: None,
    });
    let data = gpu.create_buffer_init(&wgpu::util::BufferInitDescriptor {
        label: None,
        contents: bytemuck::cast_slice(draws),
        usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
    });
    let group = gpu.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout: &pipeline.get_bind_group_layout(0),
        entries: &[wgpu::BindGroupEntry { binding: 0, resource: data.as_entire_binding() }],
    });
    let mut encoder = gpu.create_command_encoder(&Default::default());
    {
        let mut pass = encoder.begin_compute_pass(&Default::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &group, &[]);
        pass.dispatch_workgroups(draws.len() as u32 / 2, 1, 1);
    }
    queue.submit([encoder.finish()]);
    let words = device.read(&data).expect("the draws");
    let pairs: &[[u32; 2]] = bytemuck::cast_slice(&words);
    pairs.iter().step_by(2).copied().collect()
}
