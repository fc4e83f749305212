//! The device: opened once, its failures kept until someone asks.

use super::{GpuAdapter, GpuError, clock};
use std::sync::{Arc, Mutex, PoisonError};

/// An open device with its queue.
#[derive(Debug)]
pub struct Device {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    failure: Failure,
}

/// The first failure that wgpu reported outside of a call.
#[derive(Debug, Clone, Default)]
struct Failure(Arc<Mutex<Option<String>>>);

impl Failure {
    fn set(&self, message: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(message);
    }
}

impl Device {
    /// Opens an adapter with all that it allows.
    pub fn open(adapter: &GpuAdapter) -> Result<Self, GpuError> {
        let adapter = &adapter.adapter;
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("humam-gpu"),
            required_features: adapter.features() & clock::FEATURES,
            required_limits: adapter.limits(),
            ..Default::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))
            .map_err(|error| GpuError::Device(error.to_string()))?;
        let failure = Failure::default();
        let (uncaptured, lost) = (failure.clone(), failure.clone());
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| uncaptured.set(error.to_string())));
        device.set_device_lost_callback(move |reason, message| {
            lost.set(format!("the device was lost ({reason:?}): {message}"));
        });
        Ok(Self { device, queue, failure })
    }

    /// The first failure, if there was one.
    pub fn check(&self) -> Result<(), GpuError> {
        let failure = self.failure.0.lock().unwrap_or_else(PoisonError::into_inner);
        failure.clone().map_or(Ok(()), |message| Err(GpuError::Device(message)))
    }

    /// Waits for a submission, or for the last one.
    pub fn wait(&self, submission_index: Option<wgpu::SubmissionIndex>) -> Result<(), GpuError> {
        let waited = self.device.poll(wgpu::PollType::Wait { submission_index, timeout: None });
        self.check()?;
        waited.map(|_| ()).map_err(|error| GpuError::Device(error.to_string()))
    }
}
