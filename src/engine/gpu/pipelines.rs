//! Compute pipelines, the values of their constants, and the buffers bound to them.

use super::buffers::Buffers;
use super::device::Device;
use super::kernels::{Access, Bound, Kernel};
use super::procedural::BLOCK_DRAW_BITS;
use super::roles::CLOCKS;
use super::workgroups::{VisitGroups, Workgroups};
use super::{DelayWindow, DevicePlan};
use crate::engine::fixed_point::{
    BLOCK_BITS, CALL_BITS, CURRENT_LIMIT, HASH_MULTIPLIERS, IntegerNetwork, LEVEL_BITS, REFRACTORY,
    REFRACTORY_END, ROUNDING_NEURONS, Transmission, V_M_LIMIT,
};
use wgpu::BufferBindingType;

/// A shader, specialised for a network.
#[derive(Debug)]
pub struct Pipeline {
    /// For the commands that run it.
    pub compute: wgpu::ComputePipeline,
    kernel: &'static Kernel,
}

impl Pipeline {
    /// Compiles `kernel` with these constants.
    pub fn new(device: &Device, kernel: &'static Kernel, constants: &[(&str, f64)]) -> Self {
        let Device { device, int64, .. } = device;
        let label = Some(kernel.name);
        let source = wgpu::ShaderSource::Wgsl(kernel.source(*int64).into());
        let descriptor = wgpu::ShaderModuleDescriptor { label, source };
        let checks = wgpu::ShaderRuntimeChecks { force_loop_bounding: false, ..Default::default() };
        // SAFETY: what is left out are counters that end loops without end. The loops of our shaders go over counts that
        // are bound, in strides of at least 1 wherever there is an invocation, or walk a cycle of a permutation back to
        // where it started. Accesses to buffers are still checked.
        let module = unsafe { device.create_shader_module_trusted(descriptor, checks) };
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label,
            bind_group_layouts: &[Some(&bind_group_layout(device, kernel))],
            immediate_size: 0,
        });
        let compilation_options =
            wgpu::PipelineCompilationOptions { constants, zero_initialize_workgroup_memory: false };
        let compute = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label,
            layout: Some(&layout),
            module: &module,
            entry_point: label,
            compilation_options,
            cache: None,
        });
        Self { compute, kernel }
    }

    /// Binds the buffers of `shard`, or the common ones where shards have none of their own, after a number of steps
    /// of that `parity`.
    pub fn bind(
        &self,
        device: &wgpu::Device,
        buffers: &Buffers,
        shard: usize,
        parity: usize,
    ) -> wgpu::BindGroup {
        let role = |buffer| match buffer {
            Bound::Same(role) => role,
            Bound::ClockBefore => CLOCKS[parity],
            Bound::ClockAfter => CLOCKS[1 - parity],
        };
        let bound = self.kernel.bindings.iter().map(|binding| buffers.find(role(binding.buffer), shard));
        let entries: Vec<_> = (0..)
            .zip(bound)
            .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
            .collect();
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(self.kernel.name),
            layout: &self.compute.get_bind_group_layout(0),
            entries: &entries,
        })
    }

    /// The same for both parities.
    pub fn bind_both(&self, device: &wgpu::Device, buffers: &Buffers, shard: usize) -> [wgpu::BindGroup; 2] {
        [0, 1].map(|parity| self.bind(device, buffers, shard, parity))
    }
}

fn bind_group_layout(device: &wgpu::Device, kernel: &Kernel) -> wgpu::BindGroupLayout {
    let entries: Vec<_> = (0..)
        .zip(kernel.bindings)
        .map(|(binding, bound)| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: match bound.access {
                    Access::Uniform => BufferBindingType::Uniform,
                    Access::Read => BufferBindingType::Storage { read_only: true },
                    Access::ReadWrite => BufferBindingType::Storage { read_only: false },
                },
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        })
        .collect();
    let label = Some(kernel.name);
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label, entries: &entries })
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
        ("stepwise_drive", flag(network.populations.iter().any(|p| !p.drive.step_thresholds().is_empty()))),
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
        ("level_bits", f64::from(LEVEL_BITS)),
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
        ("part_invocations", f64::from(workgroups.part)),
        ("wanted_groups", f64::from(visits.wanted_groups)),
        ("min_part_groups", f64::from(visits.min_part_groups)),
        ("max_part_groups", f64::from(visits.max_part_groups)),
        ("block_draw_bits", f64::from(BLOCK_DRAW_BITS)),
        ("neuron_workgroup", f64::from(workgroups.neurons)),
        ("delivery_workgroup", f64::from(workgroups.delivery)),
    ]
}
