import { createLocalSandbox } from '../support/local-exec.js';
import { shellContract } from './shell.contract.js';

shellContract('dash', () => createLocalSandbox('/usr/bin/dash'));
shellContract('bash', () => createLocalSandbox('/usr/bin/bash'));
shellContract('busybox ash', () => createLocalSandbox('/usr/bin/busybox'));
