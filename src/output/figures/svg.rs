//! Picture → SVG.

use super::colours::Colour;
use super::font::{CAPITAL_HEIGHT, FAMILY};
use super::picture::{Anchor, Frame, Mark, Part, Picture, Point, Text};
use super::png::{self, PictureError};
use crate::telling::plain;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::RgbImage;
use std::fmt::Write;

/// How small a part becomes before it leaves the line of those beside it, in parts of its own size.
const LEAST: f64 = 0.85;

/// The picture as an SVG document; `title`, and what its parts show, are for those who do not see it.
///
/// # Errors
/// An image in it that cannot be made a file.
pub fn svg(picture: &Picture, title: &str) -> Result<String, PictureError> {
    let frame = Frame::new(0.0, 0.0, picture.width, picture.height);
    let seen: Vec<&str> = picture.parts.iter().map(|part| part.seen.as_str()).collect();
    let (title, seen) = (escaped(title), escaped(&seen.join(" ")));
    let mut text = format!("{}>\n<title>{title}</title>\n", opened(frame));
    if !seen.is_empty() {
        text += &format!("<desc>{seen}</desc>\n");
    }
    text += &format!("<rect {} fill=\"#ffffff\"/>\n", place(&frame));
    picture.marks.iter().try_for_each(|mark| add(&mut text, mark))?;
    Ok(text + "</svg>\n")
}

/// A part of the picture as an SVG element, on the ground that it stands on; `title` and what it shows are its name.
///
/// # Errors
/// An image in it that cannot be made a file.
pub fn part_svg(picture: &Picture, part: &Part, title: &str) -> Result<String, PictureError> {
    let (frame, width) = (part.frame, part.frame.width);
    let label = escaped(&format!("{title}. {}", part.seen));
    let style = format!("flex:{width:.0} 1 {:.0}px;max-width:{width:.0}px", LEAST * width);
    let mut text = format!("{} aria-label=\"{label}\" style=\"{style}\">\n", opened(frame));
    picture.marks_in(frame).try_for_each(|mark| add(&mut text, mark))?;
    Ok(text + "</svg>\n")
}

/// The tag of a picture in a frame, without its end.
fn opened(frame: Frame) -> String {
    let [x, y, width, height] = [frame.x, frame.y, frame.width, frame.height].map(number);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"{x} {y} {width} \
         {height}\" font-family=\"{FAMILY}\" role=\"img\""
    )
}

fn add(out: &mut String, mark: &Mark) -> Result<(), PictureError> {
    // Writing to a string does not fail.
    let _ = match mark {
        Mark::Rectangle(frame, colour) => {
            writeln!(out, "<rect {} {} shape-rendering=\"crispEdges\"/>", place(frame), fill(*colour))
        }
        Mark::Line { points, colour, width, dashed } => {
            let dashes = if *dashed { " stroke-dasharray=\"5 3\"" } else { "" };
            let (stroke, width) = (paint("stroke", *colour), number(*width));
            let path = path(points);
            writeln!(
                out,
                "<path d=\"{path}\" fill=\"none\" {stroke} stroke-width=\"{width}\" stroke-linejoin=\"round\"{dashes}/>"
            )
        }
        Mark::Polygon(points, colour) => writeln!(out, "<path d=\"{}Z\" {}/>", path(points), fill(*colour)),
        Mark::Dots { centres, radius, colour } => {
            let r = number(*radius);
            let dot =
                |&(x, y): &Point| format!("<circle cx=\"{}\" cy=\"{}\" r=\"{r}\"/>", number(x), number(y));
            writeln!(out, "<g {}>{}</g>", fill(*colour), centres.iter().map(dot).collect::<String>())
        }
        Mark::Text(text) => writeln!(out, "{}", words(text)),
        Mark::Image(frame, image) => writeln!(
            out,
            "<image {} preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" href=\"{}\"/>",
            place(frame),
            data_url(image)?
        ),
    };
    Ok(())
}

fn words(text: &Text) -> String {
    let anchor = match text.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let ((x, y), down) = (text.at, CAPITAL_HEIGHT * text.size / 2.0);
    let place = match text.upwards {
        false => format!("x=\"{}\" y=\"{}\"", number(x), number(y + down)),
        true => format!("transform=\"translate({} {}) rotate(-90)\"", number(x + down), number(y)),
    };
    let weight = if text.bold { " font-weight=\"bold\"" } else { "" };
    let (size, fill, words) = (number(text.size), fill(text.colour), escaped(&text.words));
    format!("<text {place} font-size=\"{size}\"{anchor}{weight} {fill}>{words}</text>")
}

fn data_url(image: &RgbImage) -> Result<String, PictureError> {
    Ok(format!("data:image/png;base64,{}", STANDARD.encode(png::encoded(image)?)))
}

fn place(frame: &Frame) -> String {
    let [x, y, width, height] = [frame.x, frame.y, frame.width, frame.height].map(number);
    format!("x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"")
}

fn path(points: &[Point]) -> String {
    let step = |(i, &(x, y)): (usize, &Point)| {
        format!("{}{} {}", if i == 0 { "M" } else { "L" }, number(x), number(y))
    };
    points.iter().enumerate().map(step).collect()
}

fn fill(colour: Colour) -> String {
    paint("fill", colour)
}

fn paint(attribute: &str, [red, green, blue, opacity]: Colour) -> String {
    let colour = format!("{attribute}=\"#{red:02x}{green:02x}{blue:02x}\"");
    match opacity {
        u8::MAX => colour,
        _ => format!("{colour} {attribute}-opacity=\"{}\"", number(f64::from(opacity) / f64::from(u8::MAX))),
    }
}

/// Two decimals are a fiftieth of a pixel at the density of screens.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Text as XML has it, in characters that are seen.
pub fn escaped(text: &str) -> String {
    plain(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
