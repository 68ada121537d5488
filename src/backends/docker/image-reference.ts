export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

/** `registry:5000/path/name:tag@sha256:…`: no character with a meaning in a URL, no empty or `..` part. */
const REFERENCE =
  /^[A-Za-z0-9]([A-Za-z0-9._-]|:\d+\/|\/(?=[A-Za-z0-9]))*(:\w[\w.-]{0,127})?(@[A-Za-z0-9]+:[0-9a-fA-F]{32,})?$/;

/** Whether an image is named in a way that may be sent to the engine. */
export const isImageReference = (image: string): boolean =>
  image.length <= 1024 && REFERENCE.test(image);

/** `latest` if neither a tag nor a digest is given; undefined for a digest. */
const tagOf = (image: string): string | undefined => {
  if (image.includes('@')) return undefined;
  const last = image.slice(image.lastIndexOf('/') + 1);
  const colon = last.indexOf(':');
  return colon === -1 ? 'latest' : last.slice(colon + 1);
};

/** As in Kubernetes: an image that may move (`latest`, or no tag) is pulled each time unless the template says otherwise. */
export const pullPolicy = (image: string, given: PullPolicy | undefined): PullPolicy =>
  given ?? (tagOf(image) === 'latest' ? 'Always' : 'IfNotPresent');
