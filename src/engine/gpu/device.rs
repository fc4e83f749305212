//! The device: opened once, its failures kept until someone asks.

use super::{GpuAdapter, GpuError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

/// What an adapter needs to tell the time of stages.
pub const TIMESTAMPS: wgpu::Features =
    wgpu::Features::TIMESTAMP_QUERY.union(wgpu::Features::TIMESTAMP_QUERY_INSIDE_PASSES);

/// Longest wait for a submission. It should take a tenth of a second; the first ones, of which the length is not known,
/// take a minute at most in the full model on a processor.
const TIMEOUT: Duration = Duration::from_secs(300);

/// What shaders need for 64-bit integers.
pub const INT64: wgpu::Features = wgpu::Features::SHADER_INT64;

/// An open device with its queue.
#[derive(Debug)]
pub struct Device {
    /// Whether shaders may compute with 64-bit integers.
    pub int64: bool,
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    failure: UncapturedError,
}

/// The first failure that wgpu reported outside of a call, or, above all others, that the device is lost.
#[derive(Debug, Clone, Default)]
struct UncapturedError(Arc<Mutex<Option<GpuError>>>);

impl UncapturedError {
    fn get(&self) -> MutexGuard<'_, Option<GpuError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, error: GpuError) {
        let mut failure = self.get();
        if failure.is_none() || matches!(error, GpuError::Lost(_)) {
            *failure = Some(error);
        }
    }
}

impl Device {
    /// Opens an adapter with all that it allows, but 64-bit integers only if they are wanted.
    pub fn open(adapter: &GpuAdapter, int64: bool) -> Result<Self, GpuError> {
        let adapter = &adapter.adapter;
        let wanted = if int64 { TIMESTAMPS | INT64 } else { TIMESTAMPS };
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("humam-gpu"),
            required_features: adapter.features() & wanted,
            required_limits: adapter.limits(),
            ..Default::default()
        };
        let (device, queue) =
            pollster::block_on(adapter.request_device(&descriptor)).map_err(GpuError::device)?;
        let failure = UncapturedError::default();
        let (uncaptured, lost) = (failure.clone(), failure.clone());
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            uncaptured.set(GpuError::device(error));
        }));
        device.set_device_lost_callback(move |_, message| lost.set(GpuError::Lost(message)));
        let int64 = device.features().contains(INT64);
        Ok(Self { int64, device, queue, failure })
    }

    /// The failure, if there was one.
    pub fn check(&self) -> Result<(), GpuError> {
        let failure = self.failure.get().clone();
        match failure {
            None => Ok(()),
            Some(error @ GpuError::Lost(_)) => Err(error),
            // Calls that fail on a device that is lost may be told before the loss is.
            Some(error) => {
                let polled = self.poll(wgpu::PollType::Poll);
                let loss = self.failure.get().clone().filter(|error| matches!(error, GpuError::Lost(_)));
                polled.and(Err(loss.unwrap_or(error)))
            }
        }
    }

    /// Waits for a submission, or for the last one.
    ///
    /// # Errors
    /// A failure, or no answer for [`TIMEOUT`].
    pub fn wait(&self, submission_index: Option<wgpu::SubmissionIndex>) -> Result<(), GpuError> {
        let waited = self.poll(wgpu::PollType::Wait { submission_index, timeout: Some(TIMEOUT) });
        if waited.is_err() {
            // Where that comes from a loss, the next poll tells it.
            let _ = self.poll(wgpu::PollType::Poll);
        }
        self.check().and(waited)
    }

    fn poll(&self, poll: wgpu::PollType) -> Result<(), GpuError> {
        told(|| self.device.poll(poll))
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
        mapping.read(|bytes| bytemuck::cast_slice(bytes).to_vec())
    }
}

/// What `poll` gives. Where a driver is reset while wgpu waits for it, wgpu panics.
fn told<T>(poll: impl FnOnce() -> Result<T, wgpu::PollError>) -> Result<(), GpuError> {
    match catch_unwind(AssertUnwindSafe(poll)) {
        Ok(Err(wgpu::PollError::Timeout)) => Err(GpuError::Timeout { seconds: TIMEOUT.as_secs() }),
        Ok(polled) => polled.map(|_| ()).map_err(GpuError::device),
        Err(_) => Err(GpuError::Lost("while it computed".into())),
    }
}

/// A buffer on its way to the host.
#[derive(Debug)]
pub struct Mapping {
    buffer: wgpu::Buffer,
    mapped: mpsc::Receiver<Result<(), wgpu::BufferAsyncError>>,
}

impl Mapping {
    /// Maps `buffer` once all that has been submitted before is done.
    pub fn begin(buffer: &wgpu::Buffer) -> Self {
        let (sender, mapped) = mpsc::channel();
        // The receiver is gone only where an error has been returned already.
        buffer.map_async(wgpu::MapMode::Read, .., move |result| drop(sender.send(result)));
        Self { buffer: buffer.clone(), mapped }
    }

    /// What `take` makes of its bytes, after which the device has it again. To be called when the submission has been
    /// waited for: nothing is waited for here.
    pub fn read<T>(self, take: impl FnOnce(&[u8]) -> T) -> Result<T, GpuError> {
        self.mapped.try_recv().map_err(GpuError::device)?.map_err(GpuError::device)?;
        let taken = take(&self.buffer.get_mapped_range(..).map_err(GpuError::device)?);
        self.buffer.unmap();
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_that_wgpu_panics_on_is_an_error() {
        assert_eq!(told(|| Ok(wgpu::PollStatus::QueueEmpty)), Ok(()));
        let late = told(|| Err::<(), _>(wgpu::PollError::Timeout)).expect_err("no answer").to_string();
        assert!(late.contains("not answered for 300 s") && late.contains("--engine cpu"), "{late}");
        let lost = told::<()>(|| panic!("a panic that is expected, as of wgpu where the device is lost"));
        let message = lost.expect_err("a panic").to_string();
        assert!(message.contains("was lost") && message.contains("--engine cpu"), "{message}");
    }

    #[test]
    fn a_loss_counts_more_than_what_it_led_to() {
        let failure = UncapturedError::default();
        let told = || failure.get().clone();
        failure.set(GpuError::device("first"));
        failure.set(GpuError::device("second"));
        assert_eq!(told(), Some(GpuError::device("first")));
        failure.set(GpuError::Lost("reset".into()));
        failure.set(GpuError::device("third"));
        assert_eq!(told(), Some(GpuError::Lost("reset".into())));
    }
}
