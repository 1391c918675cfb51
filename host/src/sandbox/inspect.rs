//! What is looked at in a component before it is compiled.
//!
//! The compiler writes every instance out, one by one. A component may hold a component that it instantiates ten times, and
//! so on: some hundred bytes become billions of instances, and the compiler takes all the memory there is. So they are
//! counted first, which costs one pass over the sections.

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind,
    ComponentTypeRef, Encoding, Instance, Parser, Payload,
};

use super::error::PrepareError;

/// Instances that the compiler may have to write out; the pool gives one component far fewer.
const MOST_INSTANCES: u64 = 10_000;

/// What a component costs that comes from outside of the one that instantiates it. No honest plugin does that.
const UNKNOWN: u64 = u64::MAX;

/// One component, as far as it was read.
#[derive(Default)]
struct Open {
    /// What each component that can be named here costs to instantiate.
    components: Vec<u64>,
    /// What this one costs.
    cost: u64,
}

/// Refuses a component that would be instantiated too often. What cannot be parsed is left to the compiler to refuse.
pub(super) fn check_instances(bytes: &[u8]) -> Result<(), PrepareError> {
    let count = count(bytes).unwrap_or(0);
    if count > MOST_INSTANCES {
        return Err(PrepareError::Instances {
            most: MOST_INSTANCES,
        });
    }
    Ok(())
}

/// Counts the instances of a component and of all that it instantiates.
fn count(bytes: &[u8]) -> Result<u64, wasmparser::BinaryReaderError> {
    let mut open: Vec<Open> = Vec::new();
    // Modules inside end with a payload of their own, and are told from components by it.
    let mut is_component = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { encoding, .. } => {
                is_component.push(encoding == Encoding::Component);
                if encoding == Encoding::Component {
                    open.push(Open::default());
                }
            }
            Payload::InstanceSection(section) => {
                for instance in section {
                    if let (Instance::Instantiate { .. }, Some(here)) = (instance?, open.last_mut())
                    {
                        here.cost = here.cost.saturating_add(1);
                    }
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section {
                    if let (
                        ComponentInstance::Instantiate {
                            component_index, ..
                        },
                        Some(here),
                    ) = (instance?, open.last_mut())
                    {
                        let index = usize::try_from(component_index).unwrap_or(usize::MAX);
                        let cost = here.components.get(index).copied().unwrap_or(UNKNOWN);
                        here.cost = here.cost.saturating_add(cost).saturating_add(1);
                    }
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    match alias? {
                        ComponentAlias::Outer {
                            kind: ComponentOuterAliasKind::Component,
                            count,
                            index,
                        } => {
                            let cost = outer(&open, count, index).unwrap_or(UNKNOWN);
                            push(&mut open, cost);
                        }
                        ComponentAlias::InstanceExport {
                            kind: ComponentExternalKind::Component,
                            ..
                        } => push(&mut open, UNKNOWN),
                        ComponentAlias::Outer { .. }
                        | ComponentAlias::InstanceExport { .. }
                        | ComponentAlias::CoreInstanceExport { .. } => {}
                    }
                }
            }
            Payload::ComponentImportSection(section) => {
                for import in section {
                    if matches!(import?.ty, ComponentTypeRef::Component(_)) {
                        push(&mut open, UNKNOWN);
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    // An export is another name for what it exports.
                    let export = export?;
                    if export.kind == ComponentExternalKind::Component {
                        let cost = outer(&open, 0, export.index).unwrap_or(UNKNOWN);
                        push(&mut open, cost);
                    }
                }
            }
            Payload::End(_) => {
                if is_component.pop() != Some(true) {
                    continue;
                }
                let cost = open.pop().map_or(0, |done| done.cost);
                if open.is_empty() {
                    return Ok(cost);
                }
                push(&mut open, cost);
            }
            _ => {}
        }
    }
    Ok(0)
}

fn push(open: &mut [Open], cost: u64) {
    if let Some(here) = open.last_mut() {
        here.components.push(cost);
    }
}

/// Finds what a component costs that was named so many levels outside.
fn outer(open: &[Open], levels: u32, index: u32) -> Option<u64> {
    let level = open
        .len()
        .checked_sub(1)?
        .checked_sub(usize::try_from(levels).ok()?)?;
    open[level]
        .components
        .get(usize::try_from(index).ok()?)
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"\0asm\x0d\0\x01\0";
    const MODULE: &[u8] = b"\0asm\x01\0\0\0";

    fn section(id: u8, body: &[u8]) -> Vec<u8> {
        let (mut bytes, mut size) = (vec![id], body.len());
        while size > 0x7f {
            bytes.push(u8::try_from(size & 0x7f).unwrap() | 0x80);
            size >>= 7;
        }
        bytes.push(u8::try_from(size).unwrap());
        [bytes.as_slice(), body].concat()
    }

    /// A component that instantiates ten times what it holds: a module, or a component.
    fn ten_times(held: &[u8]) -> Vec<u8> {
        let (id, instances) = if held == MODULE { (1, 2) } else { (4, 5) };
        let ten = [&[10], [0, 0, 0].repeat(10).as_slice()].concat();
        [HEAD, &section(id, held), &section(instances, &ten)].concat()
    }

    #[test]
    fn a_few_bytes_that_are_billions_of_instances_are_refused() {
        let mut component = ten_times(MODULE);
        assert_eq!(count(&component).unwrap(), 10);
        assert!(check_instances(&component).is_ok());
        for _ in 0..12 {
            component = ten_times(&component);
        }
        assert!(component.len() < 1000);
        assert!(matches!(
            check_instances(&component),
            Err(PrepareError::Instances { .. })
        ));
    }

    #[test]
    fn the_samples_are_far_below() {
        for (name, bytes) in paracle_sample_artifacts::ALL {
            let count = count(bytes).unwrap();
            assert!((1..100).contains(&count), "{name}: {count}");
        }
    }
}
