//! The device: opened once, its failures kept until someone asks.

use super::{GpuAdapter, GpuError, clock};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

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
        let (device, queue) =
            pollster::block_on(adapter.request_device(&descriptor)).map_err(GpuError::device)?;
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
        waited.map(|_| ()).map_err(GpuError::device)
    }

    /// Copies a buffer of 32-bit words to the host.
    pub fn read(&self, buffer: &wgpu::Buffer) -> Result<Vec<i32>, GpuError> {
        let staging = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("staging"),
            size: buffer.size(),
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder = self.device.create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, buffer.size());
        let submission = self.queue.submit([encoder.finish()]);
        let mapping = Mapping::begin(&staging);
        self.wait(Some(submission))?;
        mapping.wait()?;
        let view = staging.get_mapped_range(..).map_err(GpuError::device)?;
        Ok(bytemuck::cast_slice(&view).to_vec())
    }
}

/// A buffer on its way to the host.
#[derive(Debug)]
pub struct Mapping(mpsc::Receiver<Result<(), wgpu::BufferAsyncError>>);

impl Mapping {
    /// Maps `buffer` once all that has been submitted before is done.
    pub fn begin(buffer: &wgpu::Buffer) -> Self {
        let (sender, receiver) = mpsc::channel();
        // The receiver is gone only where an error has been returned already.
        buffer.map_async(wgpu::MapMode::Read, .., move |result| drop(sender.send(result)));
        Self(receiver)
    }

    /// To be called when the submission has been waited for.
    pub fn wait(&self) -> Result<(), GpuError> {
        self.0.recv().map_err(GpuError::device)?.map_err(GpuError::device)
    }
}
