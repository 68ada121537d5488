import { MARKER_VARIABLE } from './command-marker.js';

/** A command that could not be started, as shells say it. */
export const CANNOT_RUN = 126;

/** Shell text that marks what runs next with the marker in wp_g, where the limit can be set. */
export const MARK = 'ulimit -S -m $wp_g;';

/**
 * Shell text that enters the directory in wp_h and says so in the environment. The directory is there,
 * mostly; where it cannot be made, `mkdir` says why. A thread that locked itself out is let in again.
 */
export const ENTER_THREAD =
  '[ -x "$wp_h" ]||{ mkdir -p -m 700 "$wp_h"&&chmod u+rwx "$wp_h"; }' +
  `||exit ${CANNOT_RUN};cd "$wp_h"||exit ${CANNOT_RUN};export ${MARKER_VARIABLE}=$wp_g;`;
