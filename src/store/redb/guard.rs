//! redb trusts the pages of its file, and panics over damaged ones. Here a panic becomes a fault that can be told.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    panic::{self, AssertUnwindSafe},
    path::Path,
    sync::Once,
};

/// What `unreachable!` says.
const UNREACHABLE: &str = "internal error: entered unreachable code";

thread_local! {
    /// Whether this thread is in [`guarded`].
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
    /// Where this thread panicked last in it: a fault of this program must be told from one of a file.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Does what may panic; then the error is what the panic said. What the work had begun is void: it must not be gone on with.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        // What is told as damage need not be told as a panic too.
        panic::set_hook(Box::new(move |panicked| {
            if IS_GUARDED.get() {
                let place = panicked.location().map(|place| format!(" at {}:{}", shown(place.file()), place.line()));
                PLACE.set(place.unwrap_or_default());
            } else {
                usual(panicked);
            }
        }));
    });
    let before = IS_GUARDED.replace(true);
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    IS_GUARDED.set(before);
    done.map_err(|panic| said(panic.as_ref()) + &PLACE.take())
}

/// A file of this program by its path in it, one of a library by its name: where that lay on the machine that built it tells nobody anything.
fn shown(file: &str) -> &str {
    let path = Path::new(file);
    let name = path.file_name().and_then(|name| name.to_str());
    name.filter(|_| path.is_absolute()).unwrap_or(file)
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it cannot be read");
    // One line: it goes into messages.
    let line = text.lines().next().unwrap_or_default();
    // It is the file that is at fault, and no code.
    line.replace(UNREACHABLE, "its pages contradict each other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_what_it_said_and_the_thread_goes_on() {
        let number = 7;
        assert_eq!(guarded(|| number), Ok(7));
        let told = |work: fn() -> u8| guarded(work).expect_err("panics");
        assert!(told(|| panic!("page {}\nis not one", 7)).starts_with(&format!("page 7 at {}:", file!())));
        assert!(told(|| panic!("no page")).starts_with("no page at "));
        assert!(told(|| unreachable!()).starts_with("its pages contradict each other at "));
        assert_eq!(shown("/root/.cargo/registry/src/index/redb-2.0.0/src/tree_store/btree.rs"), "btree.rs");
        assert_eq!(shown("src/store/redb/guard.rs"), "src/store/redb/guard.rs");
        let (inner, is_guarded) =
            guarded(|| (guarded(|| -> u8 { panic!("within") }), IS_GUARDED.get())).expect("no panic");
        assert!(inner.is_err_and(|told| told.starts_with("within at ")) && is_guarded);
        assert!(!IS_GUARDED.get());
    }
}
