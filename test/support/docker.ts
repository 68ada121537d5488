import Docker from 'dockerode';

/** The engine itself, for looking behind the operator's back. */
export const docker = new Docker();

const LABEL = 'warmpool.dev/installation';

/** Ids of the containers of one installation, stopped ones too. */
export const containersOf = async (installation: string): Promise<readonly string[]> => {
  const found = await docker.listContainers({
    all: true,
    filters: { label: [`${LABEL}=${installation}`] },
  });
  return found.map((container) => container.Id);
};

/** Removes what a test left; what is gone already is fine. */
export const removeInstallation = async (installation: string): Promise<void> => {
  for (const id of await containersOf(installation)) {
    await docker
      .getContainer(id)
      .remove({ force: true, v: true })
      .catch(() => undefined);
  }
};
