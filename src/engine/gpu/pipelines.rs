//! Shader sources and the pipelines made from them.

use super::drawn::BLOCK_DRAW_BITS;
use super::workgroups::{VisitGroups, Workgroups};
use super::{DelayWindow, DevicePlan};
use crate::engine::fixed_point::{
    BLOCK_BITS, CALL_BITS, CURRENT_LIMIT, HASH_MULTIPLIERS, IntegerNetwork, REFRACTORY, REFRACTORY_END,
    ROUNDING_NEURONS, Transmission, V_M_LIMIT,
};

const TYPES: &str = include_str!("../../../shaders/shared/types.wgsl");
/// Source of the generator of random numbers.
pub const RNG: &str = include_str!("../../../shaders/shared/rng.wgsl");
/// Source of draws in integers.
pub const DRAWS: &str = include_str!("../../../shaders/shared/draws.wgsl");
const THRESHOLDS: &str = include_str!("../../../shaders/shared/thresholds.wgsl");
const PERMUTATION: &str = include_str!("../../../shaders/shared/permutation.wgsl");
const TRANSMISSION: &str = include_str!("../../../shaders/shared/transmission.wgsl");
const NEURON: &str = include_str!("../../../shaders/shared/neuron.wgsl");

/// A shader: its sources and what it binds.
#[derive(Debug)]
pub struct Kernel {
    /// Name of the file and of its entry point.
    pub name: &'static str,
    sources: &'static [&'static str],
    /// How it sees its buffers, in the order of their bindings.
    pub bindings: &'static [Access],
}

impl Kernel {
    /// The sources, put together.
    pub fn source(&self) -> String {
        self.sources.concat()
    }
}

/// How a shader sees a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Uniform,
    Read,
    ReadWrite,
}

use Access::{Read, ReadWrite, Uniform};

/// External spikes of a block of steps.
pub const DRIVE: Kernel = Kernel {
    name: "drive",
    sources: &[TYPES, RNG, THRESHOLDS, include_str!("../../../shaders/drive.wgsl")],
    bindings: &[Uniform, Read, Read, Read, ReadWrite],
};
/// One step of every neuron.
pub const UPDATE: Kernel = Kernel {
    name: "update",
    sources: &[TYPES, RNG, NEURON, THRESHOLDS, include_str!("../../../shaders/update.wgsl")],
    bindings: &[Uniform, Read, ReadWrite, Read, Read, Read, ReadWrite, ReadWrite, Read],
};
/// The spikes of a step through their rows.
pub const DELIVER: Kernel = Kernel {
    name: "deliver",
    sources: &[TYPES, RNG, TRANSMISSION, include_str!("../../../shaders/deliver.wgsl")],
    bindings: &[Uniform, Read, ReadWrite, Read, Read, Read, Read, ReadWrite, Read],
};

/// Arrivals from outside.
pub const INJECT: Kernel = Kernel {
    name: "inject",
    sources: &[TYPES, include_str!("../../../shaders/inject.wgsl")],
    bindings: &[Uniform, Read, Read, ReadWrite],
};
/// The lengths of rows whose synapses are procedural.
pub const ROW_COUNTS: Kernel = Kernel {
    name: "row_counts",
    sources: &[TYPES, RNG, DRAWS, include_str!("../../../shaders/row_counts.wgsl")],
    bindings: &[Uniform, Read, ReadWrite, ReadWrite],
};
/// The spikes of a step into the history.
pub const APPEND_HISTORY: Kernel = Kernel {
    name: "append_history",
    sources: &[TYPES, include_str!("../../../shaders/append_history.wgsl")],
    bindings: &[Read, ReadWrite, Read, Read, ReadWrite, ReadWrite, ReadWrite],
};
/// Spikes through procedural rows.
pub const DELIVER_DRAWN: Kernel = Kernel {
    name: "deliver_drawn",
    sources: &[
        TYPES,
        RNG,
        DRAWS,
        PERMUTATION,
        TRANSMISSION,
        include_str!("../../../shaders/deliver_drawn.wgsl"),
    ],
    bindings: &[Uniform, Read, Read, Read, Read, Read, Read, Read, ReadWrite],
};

/// The pipelines of a step.
#[derive(Debug)]
pub struct Pipelines {
    pub drive: wgpu::ComputePipeline,
    pub update: wgpu::ComputePipeline,
    pub delivery: Delivery,
}

/// From spikes to the ring.
#[derive(Debug)]
pub enum Delivery {
    /// Through stored rows.
    Stored { deliver: wgpu::ComputePipeline },
    /// Through procedural rows.
    Drawn { append_history: wgpu::ComputePipeline, deliver_drawn: wgpu::ComputePipeline, window: DelayWindow },
}

impl Pipelines {
    /// Pipelines specialised for a network.
    pub fn new(device: &wgpu::Device, constants: &[(&str, f64)], window: Option<DelayWindow>) -> Self {
        let pipeline = |kernel| pipeline(device, kernel, constants);
        let delivery = match window {
            None => Delivery::Stored { deliver: pipeline(&DELIVER) },
            Some(window) => Delivery::Drawn {
                append_history: pipeline(&APPEND_HISTORY),
                deliver_drawn: pipeline(&DELIVER_DRAWN),
                window,
            },
        };
        Self { drive: pipeline(&DRIVE), update: pipeline(&UPDATE), delivery }
    }
}

/// The pipeline of a shader.
pub fn pipeline(device: &wgpu::Device, kernel: &Kernel, constants: &[(&str, f64)]) -> wgpu::ComputePipeline {
    let Kernel { name, bindings, .. } = kernel;
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(name),
        source: wgpu::ShaderSource::Wgsl(kernel.source().into()),
    });
    let group = bind_group_layout(device, name, bindings);
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(name),
        bind_group_layouts: &[Some(&group)],
        immediate_size: 0,
    });
    let compilation_options =
        wgpu::PipelineCompilationOptions { constants, zero_initialize_workgroup_memory: false };
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(name),
        layout: Some(&layout),
        module: &module,
        entry_point: Some(name),
        compilation_options,
        cache: None,
    })
}

/// Values of the shaders' pipeline-overridable constants; `target_bits` is of stored synapses.
pub fn constants(
    network: &IntegerNetwork,
    target_bits: u32,
    plan: &DevicePlan,
    workgroups: Workgroups,
    visits: VisitGroups,
) -> Vec<(&'static str, f64)> {
    let flag = |value: bool| f64::from(u8::from(value));
    // Without a window nothing uses its constants.
    let window = plan.window.unwrap_or(DelayWindow { steps: 1, reach_steps: 1, history_spikes: 1 });
    let transmission = network.transmission.unwrap_or(Transmission { key: [0; 2], threshold: 0 });
    vec![
        ("two_currents", flag(!network.has_one_current())),
        ("one_class", flag(network.classes.len() == 1)),
        ("arrival_shift", f64::from(network.formats.arrival_shift())),
        ("drive_key_x", f64::from(network.drive_key[0])),
        ("drive_key_y", f64::from(network.drive_key[1])),
        ("stepwise_drive", flag(network.populations.iter().any(|p| !p.drive.step_thresholds().is_empty()))),
        ("stepwise_key_x", f64::from(network.stepwise_key[0])),
        ("stepwise_key_y", f64::from(network.stepwise_key[1])),
        ("rounding_neurons", f64::from(ROUNDING_NEURONS)),
        ("hash_multiplier_x", f64::from(HASH_MULTIPLIERS[0])),
        ("hash_multiplier_y", f64::from(HASH_MULTIPLIERS[1])),
        ("dc_shift", f64::from(network.formats.dc_shift())),
        ("refractory", f64::from(REFRACTORY)),
        ("refractory_end", f64::from(REFRACTORY_END)),
        ("v_m_limit", f64::from(V_M_LIMIT)),
        ("current_limit", f64::from(CURRENT_LIMIT)),
        ("block_bits", f64::from(BLOCK_BITS)),
        ("call_bits", f64::from(CALL_BITS)),
        ("target_bits", f64::from(target_bits)),
        ("transmits_all", flag(network.transmission.is_none())),
        ("transmission_key_x", f64::from(transmission.key[0])),
        ("transmission_key_y", f64::from(transmission.key[1])),
        ("transmission_threshold", f64::from(transmission.threshold)),
        ("exact_in_degrees", flag(network.has_exact_in_degrees())),
        ("spike_capacity", f64::from(plan.spike_capacity)),
        ("window_steps", f64::from(window.steps)),
        ("reach_steps", f64::from(window.reach_steps)),
        ("history_spikes", f64::from(window.history_spikes)),
        ("spikes_per_group", f64::from(visits.spikes_per_group)),
        ("max_groups", f64::from(visits.max_groups)),
        ("part_groups", f64::from(visits.part_groups)),
        ("part_groups_again", f64::from(visits.part_groups_again)),
        ("block_draw_bits", f64::from(BLOCK_DRAW_BITS)),
        ("neuron_workgroup", f64::from(workgroups.neurons)),
        ("delivery_workgroup", f64::from(workgroups.delivery)),
    ]
}

fn bind_group_layout(device: &wgpu::Device, name: &str, bindings: &[Access]) -> wgpu::BindGroupLayout {
    let entries: Vec<_> = (0..)
        .zip(bindings)
        .map(|(binding, access)| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: match access {
                    Uniform => wgpu::BufferBindingType::Uniform,
                    Read => wgpu::BufferBindingType::Storage { read_only: true },
                    ReadWrite => wgpu::BufferBindingType::Storage { read_only: false },
                },
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        })
        .collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(name), entries: &entries })
}
