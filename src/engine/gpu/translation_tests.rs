//! Every shader, for every kind of network, translated to what the systems take: SPIR-V for Vulkan, HLSL for DirectX 12,
//! MSL for Metal. It needs no GPU.

use super::WorkgroupSizes;
use super::kernels::Kernel;
use super::shader_tests::{self, KERNELS, module};
use naga::back::{PipelineConstants, hlsl, msl, pipeline_constants::process_overrides, spv};
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{Module, ShaderStage};

/// What WebGPU grants everywhere: invocations of a workgroup, in all and along x.
const MAX_INVOCATIONS: u32 = 256;

/// Constants of networks that differ in every switch of the shaders, for both kinds of adapters.
fn permutations() -> Vec<PipelineConstants> {
    const SWITCHES: [&str; 5] =
        ["two_currents", "one_class", "stepwise_drive", "transmits_all", "exact_in_degrees"];
    let mut all = Vec::new();
    for sizes in [WorkgroupSizes::Software, WorkgroupSizes::Hardware] {
        for switches in 0..1u32 << SWITCHES.len() {
            let constants = shader_tests::constants(sizes).into_iter();
            let mut constants: PipelineConstants =
                constants.map(|(name, value)| (name.to_owned(), value)).collect();
            for (bit, name) in SWITCHES.iter().enumerate() {
                *constants.get_mut(*name).expect("a switch of the shaders") = f64::from(switches >> bit & 1);
            }
            all.push(constants);
        }
    }
    all
}

/// The shader with these constants, as a back end takes it.
fn specialised(
    kernel: &Kernel,
    module: &Module,
    info: &ModuleInfo,
    constants: &PipelineConstants,
) -> (Module, ModuleInfo) {
    let entry = Some((ShaderStage::Compute, kernel.name));
    let (module, info) = process_overrides(module, info, entry, constants).expect("constants that fit");
    (module.into_owned(), info.into_owned())
}

fn hlsl_of(kernel: &Kernel, module: &Module, info: &ModuleInfo) -> String {
    let (mut text, options) = (String::new(), hlsl::Options::default());
    let entry = hlsl::PipelineOptions { entry_point: Some((ShaderStage::Compute, kernel.name.to_owned())) };
    hlsl::Writer::new(&mut text, &options, &entry).write(module, info, None).expect("HLSL");
    text
}

#[test]
fn every_shader_becomes_spir_v_hlsl_and_msl_for_every_kind_of_network() {
    let permutations = permutations();
    for (kernel, int64) in KERNELS.into_iter().flat_map(|kernel| [(kernel, false), (kernel, true)]) {
        let module = module(kernel, int64);
        let capabilities = if int64 { Capabilities::SHADER_INT64 } else { Capabilities::empty() };
        let mut validator = Validator::new(ValidationFlags::all(), capabilities);
        let info = validator.validate(&module).unwrap_or_else(|error| panic!("{}: {error:?}", kernel.name));
        for constants in &permutations {
            let (module, info) = specialised(kernel, &module, &info, constants);
            let [x, y, z] = module.entry_points[0].workgroup_size;
            assert!(x <= MAX_INVOCATIONS && (y, z) == (1, 1), "{}: {x} × {y} × {z}", kernel.name);

            let entry = spv::PipelineOptions {
                shader_stage: ShaderStage::Compute,
                entry_point: kernel.name.to_owned(),
            };
            let words = spv::write_vec(&module, &info, &spv::Options::default(), Some(&entry));
            assert!(words.expect("SPIR-V").len() > 100);
            assert!(hlsl_of(kernel, &module, &info).contains("numthreads"));
            let entry = msl::PipelineOptions {
                entry_point: Some((ShaderStage::Compute, kernel.name.to_owned())),
                ..Default::default()
            };
            let options = msl::Options { lang_version: (2, 0), ..Default::default() };
            let (text, _) = msl::write_string(&module, &info, &options, &entry).expect("MSL");
            assert!(text.contains("kernel void"));
        }
    }
}

/// DirectX 12 does not tell an indirect dispatch how many workgroups it has; nobody else may ask for it.
#[test]
fn what_is_dispatched_indirectly_does_not_ask_for_the_number_of_workgroups() {
    let asks = |kernel: &Kernel| kernel.source(false).contains("@builtin(num_workgroups)");
    let asking: Vec<_> = KERNELS.iter().filter(|kernel| asks(kernel)).map(|kernel| kernel.name).collect();
    assert_eq!(asking, ["deliver", "append_history", "sum_states"]);
}
