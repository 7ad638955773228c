// Written by npx banyan extract payments.
import { identityContract } from '@banyan/identity/contract';
import { runExtracted } from '@banyan/kernel/app';
import { payments } from '@banyan/payments';

/** The context payments as a process of its own: the module that also lives in the monolith, with its HTTP, its calls and its events. */
await runExtracted(payments, identityContract, process.env);
