import { Injectable } from '@nestjs/common';
import { Subject, type Observable } from 'rxjs';

export type LifecycleState = 'starting' | 'ready' | 'draining';

/** Where the process is between its start and its end; it only moves forward. */
@Injectable()
export class Lifecycle {
  private current: LifecycleState = 'starting';
  private readonly drained = new Subject<void>();

  get state(): LifecycleState {
    return this.current;
  }

  /** Emits once, when draining begins; long answers such as event streams end on it. */
  get draining(): Observable<void> {
    return this.drained;
  }

  /** Everything is started and requests are accepted. */
  ready(): void {
    if (this.current === 'starting') this.current = 'ready';
  }

  /** From now on nothing new should come here; what is under way is finished. */
  drain(): void {
    if (this.current === 'draining') return;
    this.current = 'draining';
    this.drained.next();
    this.drained.complete();
  }
}
