mod desk;
pub(super) mod draft;
pub(super) mod submit;
