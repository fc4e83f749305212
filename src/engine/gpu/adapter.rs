//! Adapters: which there are and which one is used.

use super::GpuError;
use super::device::INT64;
use std::fmt;
use std::sync::OnceLock;

/// Version of wgpu.
pub const WGPU_VERSION: &str = "30.0.1";

/// Kind of an adapter, from the one preferred most to the one preferred least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AdapterKind {
    /// A card of its own.
    Discrete,
    /// Part of the processor.
    Integrated,
    /// A GPU lent to a virtual machine.
    Virtual,
    /// A kind that the driver does not name.
    Other,
    /// Computed by the processor.
    Software,
}

impl fmt::Display for AdapterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discrete => "discrete",
            Self::Integrated => "integrated",
            Self::Virtual => "virtual",
            Self::Other => "other",
            Self::Software => "software",
        })
    }
}

/// What limits the size of a network on an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct AdapterLimits {
    /// Largest buffer, bytes.
    pub buffer_bytes: u64,
    /// Largest part of a buffer that a shader sees, bytes.
    pub binding_bytes: u64,
    /// Most workgroups of a dispatch in each dimension.
    pub workgroups: u32,
}

/// An adapter as listed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AdapterInfo {
    /// Name of the device.
    pub name: String,
    /// Its kind.
    pub kind: AdapterKind,
    /// Interface to it: `vulkan`, `metal` or `dx12`.
    pub backend: String,
    /// Driver and its version.
    pub driver: String,
    /// Number of the vendor (PCI).
    pub vendor_id: u32,
    /// Number of the device (PCI).
    pub device_id: u32,
    /// What it has beyond the least that every adapter has, as wgpu names it.
    pub features: String,
    /// Whether its shaders can compute with 64-bit integers, which `engine.gpu_int64` may forbid.
    pub int64: bool,
    /// Its limits.
    pub limits: AdapterLimits,
}

impl fmt::Display for AdapterInfo {
    /// Name, kind and interface.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, kind, backend, .. } = self;
        write!(f, "{name} ({kind}, {backend})")
    }
}

/// Whether an adapter, told by name, kind and interface, is what someone calls `words`.
pub fn is_named(adapter: &str, words: &str) -> bool {
    let adapter = adapter.to_lowercase();
    words.to_lowercase().split_whitespace().all(|word| adapter.contains(word))
}

/// Which adapter is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdapterSelection<'a> {
    /// The fastest hardware GPU, and never a software adapter.
    Hardware,
    /// The fastest hardware GPU; if there is none, a software adapter.
    Any,
    /// The first, in the order of [`adapters`], whose name and interface contain these words, in capitals or not: one
    /// card can be there under several interfaces.
    Named(&'a str),
}

/// An adapter that can be used.
#[derive(Debug, Clone)]
pub struct GpuAdapter {
    pub(super) adapter: wgpu::Adapter,
    info: AdapterInfo,
}

impl GpuAdapter {
    /// Finds an adapter.
    ///
    /// # Errors
    /// None that fits, with what to do.
    pub fn select(selection: AdapterSelection<'_>) -> Result<Self, GpuError> {
        let all = usable_adapters();
        let names = || all.iter().map(|a| a.info.name.clone()).collect();
        let with_interface = || all.iter().map(|a| a.info.to_string()).collect();
        match selection {
            AdapterSelection::Hardware => match all.first() {
                Some(first) if first.info.kind != AdapterKind::Software => Ok(first.clone()),
                _ => Err(GpuError::NoHardware { software: names() }),
            },
            AdapterSelection::Any => all.first().cloned().ok_or(GpuError::NoAdapter),
            AdapterSelection::Named(part) => {
                let found = all.iter().find(|a| is_named(&a.info.to_string(), part)).cloned();
                found
                    .ok_or_else(|| GpuError::NoSuchAdapter { part: part.to_owned(), names: with_interface() })
            }
        }
    }

    /// What is known about it.
    pub fn info(&self) -> &AdapterInfo {
        &self.info
    }
}

/// All adapters: discrete GPUs first, software last.
pub fn adapters() -> Vec<AdapterInfo> {
    usable_adapters().iter().map(|a| a.info.clone()).collect()
}

/// Looked for once: drivers may print complaints of their own each time.
fn usable_adapters() -> &'static [GpuAdapter] {
    static ADAPTERS: OnceLock<Vec<GpuAdapter>> = OnceLock::new();
    ADAPTERS.get_or_init(|| {
        let found = pollster::block_on(instance().enumerate_adapters(BACKENDS));
        let mut all: Vec<_> = found.into_iter().map(|a| GpuAdapter { info: info(&a), adapter: a }).collect();
        all.sort_by_key(|a| a.info.kind);
        all
    })
}

/// Never GL, which lacks what the shaders need where it is chosen silently.
const BACKENDS: wgpu::Backends =
    wgpu::Backends::VULKAN.union(wgpu::Backends::METAL).union(wgpu::Backends::DX12);

/// Part of the memory that may be used of what the system says that this process can have, %.
const MAX_MEMORY_PERCENT: u8 = 97;

/// Made once a process, because drivers read the environment when they start.
fn instance() -> wgpu::Instance {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = BACKENDS;
    // What indirect dispatches read is made by our own shader, and validation layers are for those who write shaders.
    descriptor.flags = wgpu::InstanceFlags::empty();
    // Where the system tells how much memory is left: an error that is told, and no device that is lost.
    descriptor.memory_budget_thresholds.for_resource_creation = Some(MAX_MEMORY_PERCENT);
    wgpu::Instance::new(descriptor)
}

/// Environment in which Mesa's drivers do best, as names of variables and their values.
///
/// Its software adapter hands each dispatch to a pool of threads, which takes 45 µs where the
/// dispatch itself takes 1 µs; a step is two dispatches, and the pool pays only above some 50,000
/// neurons: `LP_NUM_THREADS=0` turns it off. Its layer that reorders adapters, of no use to a
/// program that chooses by itself, looks for a display and complains when there is none:
/// `NODEVICE_SELECT=1` turns it off.
///
/// Drivers read it when they start, and a library must not change what other threads read. So the program
/// sets it, before it has other threads, and `.cargo/config.toml` sets it for what cargo starts.
pub const MESA_ENVIRONMENT: [(&str, &str); 2] = [("LP_NUM_THREADS", "0"), ("NODEVICE_SELECT", "1")];

/// Some systems keep the length of a binding in 32 bits, and clamp what is read beyond to there (wgpu, issue 10305).
const MAX_BINDING_BYTES: u64 = (1 << 32) - 4;

fn info(adapter: &wgpu::Adapter) -> AdapterInfo {
    let wgpu::AdapterInfo { name, device_type, vendor, device, backend, driver, driver_info, .. } =
        adapter.get_info();
    let limits = adapter.limits();
    AdapterInfo {
        name,
        kind: match device_type {
            wgpu::DeviceType::DiscreteGpu => AdapterKind::Discrete,
            wgpu::DeviceType::IntegratedGpu => AdapterKind::Integrated,
            wgpu::DeviceType::VirtualGpu => AdapterKind::Virtual,
            wgpu::DeviceType::Cpu => AdapterKind::Software,
            wgpu::DeviceType::Other => AdapterKind::Other,
        },
        backend: backend.to_str().to_owned(),
        driver: format!("{driver} {driver_info}").trim().to_owned(),
        vendor_id: vendor,
        device_id: device,
        features: adapter.features().iter_names().map(|(name, _)| name).collect::<Vec<_>>().join(" "),
        int64: adapter.features().contains(INT64),
        limits: AdapterLimits {
            buffer_bytes: limits.max_buffer_size,
            binding_bytes: limits.max_storage_buffer_binding_size.min(MAX_BINDING_BYTES),
            workgroups: limits.max_compute_workgroups_per_dimension,
        },
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_version_of_wgpu_is_the_one_that_is_compiled() {
        let lock = include_str!("../../../Cargo.lock");
        assert!(lock.contains(&format!("name = \"wgpu\"\nversion = \"{}\"", super::WGPU_VERSION)));
    }
}
