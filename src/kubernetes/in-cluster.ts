import { existsSync } from 'node:fs';

/** Where a pod finds its ServiceAccount. */
export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Whether this process runs in a pod that may talk to the API server: the Service variable and a token are there. */
export function inCluster(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  folder: string = serviceAccountFolder,
): boolean {
  return Boolean(environment['KUBERNETES_SERVICE_HOST']) && existsSync(`${folder}/token`);
}

/**
 * The addresses of the API server as far as this process knows them: the host of the URL and the in-cluster Service. Nothing
 * may be scraped there, whatever an annotation says. IPv6 without brackets.
 */
export function apiHosts(
  server: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): readonly string[] {
  const host = new URL(server).hostname.replace(/^\[|\]$/g, '');
  const service = environment['KUBERNETES_SERVICE_HOST'];
  return [...new Set(service ? [host, service] : [host])];
}
